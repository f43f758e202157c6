// SPDX-License-Identifier: Apache-2.0

import Hashing
import Notation
import Stripe

extension Delivery {
    /// Decodes a correctly signed body: an event, or something to keep for an operator.
    /// - Parameters:
    ///   - receivedAt: when it arrived, if it has waited since; nil: when the database gets it.
    ///   - signer: the name of the secret that signed it.
    ///   - source: how it came.
    /// - Returns: nil if it is not an event and OpenSSL cannot hash it (out of memory).
    package init?(
        payload: [UInt8], receivedAt: Timestamp? = nil, signer: String? = nil, source: EventSource = .webhook
    ) {
        do throws(Event.DecodingFailure) {
            self.init(event: try Event.Envelope(payload: payload), payload: payload)
        } catch {
            guard let digest = Digest.sha256(payload) else { return nil }
            self.init(quarantined: "\(error)", digest: digest, payload: payload)
        }
        self.receivedAt = receivedAt.flatMap { Timestamp.range.contains($0) ? $0 : nil }
        secret = signer
        self.source = source
    }
}
