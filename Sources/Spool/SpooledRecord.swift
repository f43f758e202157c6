// SPDX-License-Identifier: Apache-2.0

import Notation

/// One event as it came: the raw signed body and when it arrived.
package struct SpooledRecord: Sendable, Hashable {
    /// In bytes: the most that the public listener takes.
    package static let payloadLimit = 1 << 20
    /// In bytes of UTF-8.
    static let signatureLimit = 255

    package let receivedAt: Timestamp
    package let payload: [UInt8]
    /// A `Stripe-Signature` of the payload, made at its receipt; nil in what a version wrote that kept none.
    package let signature: String?

    package init(receivedAt: Timestamp, payload: [UInt8], signature: String? = nil) {
        self.receivedAt = receivedAt
        self.payload = payload
        self.signature = signature
    }
}
