// SPDX-License-Identifier: Apache-2.0

import Hashing
import Notation

/// Signs many bodies with one secret, as Stripe would: the key is scheduled once.
package struct Signer: Sendable {
    /// How many hex digits a signature has.
    package static let digitCount = 2 * HMACKey.Code.scalarCount

    private let key: HMACKey

    package init(_ secret: WebhookSecret) throws(HMACError) {
        key = try HMACKey(Array(secret.value.utf8))
    }

    /// - Parameters:
    ///   - timestamp: seconds since 1970 as decimal digits, as they follow `t=`.
    ///   - digits: `digitCount` bytes, which receive the hex digits for `v1=`.
    package func sign(
        _ body: UnsafeRawBufferPointer,
        timestamp: [UInt8],
        into digits: UnsafeMutableRawBufferPointer
    ) throws(HMACError) {
        let code = try key.code(timestamp + [UInt8(ascii: ".")], body).get()
        for index in code.indices {
            digits[2 * index] = Hex.digit(code[index] >> 4)
            digits[2 * index + 1] = Hex.digit(code[index] & 15)
        }
    }
}
