// SPDX-License-Identifier: Apache-2.0

import Hashing
import Notation

/// What a `Stripe-Signature` header claims. Reading it proves nothing; see `SignatureVerifier`.
package struct SignatureHeader: Hashable, Sendable {
    /// `t` exactly as written, because these bytes are signed.
    let timestamp: [UInt8]

    /// `t` as a number of seconds since the epoch. 19 digits always fit.
    let seconds: UInt64

    /// When the request was signed, according to the header.
    package var time: Timestamp { Timestamp(seconds: Int64(clamping: seconds)) }

    /// Every `v1` of exactly 64 hex digits; anything else can match nothing.
    let signatures: [HMACKey.Code]

    /// Splits on `,`, then on the first `=`. Everything but `t` and `v1` is ignored: Stripe may extend the header.
    init(_ header: String) throws(SignatureError) {
        var timestamp: ArraySlice<UInt8>?
        var signatures: [HMACKey.Code] = []
        var isSigned = false

        for element in Array(header.utf8).split(separator: UInt8(ascii: ",")) {
            // Proxies that join or fold headers leave a space after the comma.
            let pair = element.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
            guard let equals = pair.firstIndex(of: UInt8(ascii: "=")) else { continue }
            let value = pair[(equals + 1)...]
            switch pair[..<equals] {
            case Self.timestampKey:
                if timestamp != nil { throw .malformed(.severalTimestamps) }
                timestamp = value
            case Self.signatureKey:
                isSigned = true
                if let signature = Hex.decode(value) { signatures.append(signature) }
            default:
                continue
            }
        }

        guard let timestamp else { throw .malformed(.noTimestamp) }
        guard (1...19).contains(timestamp.count), let seconds = Self.number(timestamp) else {
            throw .malformed(.timestampNotDigits)
        }
        if !isSigned { throw .malformed(.noSignature) }
        self.timestamp = Array(timestamp)
        self.seconds = seconds
        self.signatures = signatures
    }

    private static let timestampKey = ArraySlice("t".utf8)
    private static let signatureKey = ArraySlice("v1".utf8)

    /// At most 19 digits; nil if a byte is not a digit (`UInt64(_:)` would accept a sign).
    private static func number(_ digits: ArraySlice<UInt8>) -> UInt64? {
        var number: UInt64 = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            number = number * 10 + UInt64(digit - UInt8(ascii: "0"))
        }
        return number
    }
}
