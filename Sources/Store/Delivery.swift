import Hashing
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

    /// Decodes a rightly signed body: an event, or for quarantine.
    /// - Returns: nil where OpenSSL cannot hash what is no event (out of memory).
    package init?(payload: [UInt8]) {
        do throws(Event.DecodingFailure) {
            self.init(event: try Event.Envelope(payload: payload), payload: payload)
        } catch {
            guard let digest = Digest.sha256(payload) else { return nil }
            self.init(quarantined: "\(error)", digest: digest, payload: payload)
        }
    }

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

/// What the inbox made of a delivery. Each is durable when it is given.
package enum Receipt: String, Sendable {
    case accepted
    case duplicate
    case quarantined
}
