// SPDX-License-Identifier: Apache-2.0

import Notation

/// Whether a customer may call the API, why, and when that ends by itself.
package struct Decision: Sendable, Hashable {
    package let reason: Reason
    /// The moment at which another decision takes over without any further event; nil while there is none.
    package let until: Timestamp?

    package init(_ reason: Reason, until: Timestamp? = nil) {
        self.reason = reason
        self.until = until
    }

    package var allowed: Bool { reason.allows }
}
