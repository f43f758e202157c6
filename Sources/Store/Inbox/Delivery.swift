// SPDX-License-Identifier: Apache-2.0

import Notation
import Stripe

/// One rightly signed body, its envelope decoded, on its way into the inbox.
package struct Delivery: Sendable {
    /// The event's id; `sha256_<hex of body>` for what is no event.
    package let id: String
    /// Nil for what is no event.
    package let event: Event.Envelope?
    /// Why it is no event.
    package let quarantine: String?
    /// The exact bytes.
    package let payload: [UInt8]
    /// When it came, where it has waited since; nil is when the database gets it.
    package var receivedAt: Timestamp?
    /// What the secret is called that signed it; nil where nobody knows any more.
    package var secret: String?

    package init(event: Event.Envelope, payload: [UInt8]) {
        id = event.id
        self.event = event
        quarantine = nil
        self.payload = payload
    }

    /// - Parameter digest: SHA-256 of the payload in lower-case hex.
    package init(quarantined reason: String, digest: String, payload: [UInt8]) {
        id = "sha256_\(digest)"
        event = nil
        quarantine = reason
        self.payload = payload
    }
}
