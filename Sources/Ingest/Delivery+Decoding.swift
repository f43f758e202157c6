// SPDX-License-Identifier: Apache-2.0

import Hashing
import Notation
import Store
import Stripe

extension Delivery {
    /// Decodes a rightly signed body: an event, or what is kept for an operator.
    /// - Parameters:
    ///   - receivedAt: when it came, where it has waited since; nil is when the database gets it.
    ///   - signer: what the secret is called that signed it.
    /// - Returns: nil where OpenSSL cannot hash what is no event (out of memory).
    package init?(payload: [UInt8], receivedAt: Timestamp? = nil, signer: String? = nil) {
        do throws(Event.DecodingFailure) {
            self.init(event: try Event.Envelope(payload: payload), payload: payload)
        } catch {
            guard let digest = Digest.sha256(payload) else { return nil }
            self.init(quarantined: "\(error)", digest: digest, payload: payload)
        }
        self.receivedAt = receivedAt.flatMap { Timestamp.range.contains($0) ? $0 : nil }
        secret = signer
    }
}
