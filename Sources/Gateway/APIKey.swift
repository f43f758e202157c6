// SPDX-License-Identifier: Apache-2.0

import Hashing
import Notation

/// An API key as a customer's client shows it: `tg_live_` or `tg_test_`, 32 characters drawn at random, and 6 of a
/// checksum. Known only to whoever made it: it is stored as its SHA-256, and no way of printing it shows it.
package struct APIKey: Sendable {
    /// Of `tg_live_` and `tg_test_`.
    private static let prefixLength = 8
    private static let randomLength = 32
    private static let checksumLength = 6
    private static let length = prefixLength + randomLength + checksumLength
    private static let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
    private static let live = Array("tg_live_".utf8)
    private static let test = Array("tg_test_".utf8)
    /// What an imported key may have.
    private static let foreignLengths = 16...512

    /// The key itself: for the one answer that shows it.
    package let text: String

    /// - Parameters:
    ///   - livemode: whether it is for live mode; the other's is refused there.
    ///   - random: of cryptographic strength. 32 characters of 62 are 190 bits.
    package init(livemode: Bool, random: inout some RandomNumberGenerator) {
        var bytes = livemode ? Self.live : Self.test
        for _ in 0..<Self.randomLength {
            // Uniform: `Int.random` rejects what would favour some characters.
            bytes.append(Self.alphabet[Int.random(in: 0..<Self.alphabet.count, using: &random)])
        }
        let digits = Self.checksum(of: bytes.span)
        for place in digits.indices { bytes.append(digits[place]) }
        text = String(decoding: bytes, as: UTF8.self)
    }

    /// For a key, by which everybody may know it: `key_` and 22 characters drawn at random.
    package static func newID(random: inout some RandomNumberGenerator) -> String {
        let characters = (0..<22).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &random)] }
        return "key_" + String(decoding: characters, as: UTF8.self)
    }

    /// What tells it from the customer's other keys without showing it.
    package var last4: String { String(text.suffix(4)) }

    /// Nil if OpenSSL fails.
    package var digest: SHA256Digest? { Self.digest(of: text.utf8.span) }

    /// As stored, and looked up. A single SHA-256, and no slow hash: 190 random bits cannot be guessed however fast the
    /// hash is, and a salted one could not be looked up by an index.
    package static func digest(of key: Span<UInt8>) -> SHA256Digest? { SHA256Digest(of: key) }

    /// Whether this may be a key, without looking for it: one of ours has its checksum, which keeps scans and typing
    /// errors from the database; an imported one is 16 to 512 visible ASCII characters.
    package static func isPlausible(_ key: Span<UInt8>) -> Bool {
        guard begins(key, with: live) || begins(key, with: test) else {
            return foreignLengths.contains(key.count) && key.indices.allSatisfy { key[$0].isVisibleASCII }
        }
        guard key.count == length else { return false }
        let body = key.extracting(0..<length - checksumLength)
        guard (prefixLength..<body.count).allSatisfy({ body[$0].isBase62 }) else { return false }
        let digits = checksum(of: body)
        return (0..<checksumLength).allSatisfy { key[body.count + $0] == digits[$0] }
    }

    private static func begins(_ key: Span<UInt8>, with prefix: [UInt8]) -> Bool {
        key.count >= prefix.count && prefix.indices.allSatisfy { key[$0] == prefix[$0] }
    }

    /// The CRC-32 in six digits of base 62, the most significant first.
    private static func checksum(of bytes: Span<UInt8>) -> InlineArray<6, UInt8> {
        var rest = Int(CRC32.checksum(of: bytes))
        var digits = InlineArray<6, UInt8>(repeating: 0)
        for place in digits.indices.reversed() {
            digits[place] = alphabet[rest % alphabet.count]
            rest /= alphabet.count
        }
        return digits
    }
}

extension UInt8 {
    fileprivate var isBase62: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: false
        }
    }
}

extension APIKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "APIKey(redacted)" }

    package var debugDescription: String { description }

    /// Without this, `dump` would print the key.
    package var customMirror: Mirror { Mirror(self, children: [:], displayStyle: .struct) }
}
