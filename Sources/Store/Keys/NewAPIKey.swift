// SPDX-License-Identifier: Apache-2.0

import Hashing
import Notation

/// An API key that is to be stored. What it is shown as is known to its maker alone.
package struct NewAPIKey: Sendable {
    package let id: String
    package let sha256: SHA256Digest
    package let livemode: Bool
    package let last4: String

    package init(id: String, sha256: SHA256Digest, livemode: Bool, last4: String) {
        self.id = id
        self.sha256 = sha256
        self.livemode = livemode
        self.last4 = last4
    }
}
