// SPDX-License-Identifier: Apache-2.0

import Notation

/// What an operator changes about an API key; nil leaves it as it is.
package struct APIKeyChange: Sendable {
    /// `.some(nil)` takes it away.
    package var label: String??
    /// `.some(nil)` takes the end away.
    package var expiresAt: Timestamp??
    package var isDisabled: Bool?

    package init(label: String?? = nil, expiresAt: Timestamp?? = nil, isDisabled: Bool? = nil) {
        self.label = label
        self.expiresAt = expiresAt
        self.isDisabled = isDisabled
    }
}
