// SPDX-License-Identifier: Apache-2.0

import Notation
import Stripe

/// One correctly signed body, its envelope decoded, on its way into the inbox.
package struct Delivery: Sendable {
    /// The event's id; `sha256_<hex of body>` for what is not an event.
    package let id: String
    /// Nil for what is not an event.
    package let event: Event.Envelope?
    /// Why it is not an event.
    package let quarantine: String?
    /// The exact bytes.
    package let payload: [UInt8]
    /// When it arrived, if it has waited since; nil: when the database gets it.
    package var receivedAt: Timestamp?
    /// The name of the secret that signed it; nil if that is no longer known.
    package var secret: String?
    package var source: EventSource = .webhook

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
