// SPDX-License-Identifier: Apache-2.0

import Notation

/// One event as it arrived: the raw signed body and the time of receipt.
package struct SpooledRecord: Sendable, Hashable {
    /// In bytes: the most that the public listener takes.
    package static let payloadLimit = 1 << 20
    /// In bytes of UTF-8.
    static let signatureLimit = 255

    package let receivedAt: Timestamp
    package let payload: [UInt8]
    /// A `Stripe-Signature` for the payload, made on receipt; nil in records from versions that kept none.
    package let signature: String?

    package init(receivedAt: Timestamp, payload: [UInt8], signature: String? = nil) {
        self.receivedAt = receivedAt
        self.payload = payload
        self.signature = signature
    }
}
