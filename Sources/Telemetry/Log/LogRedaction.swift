// SPDX-License-Identifier: Apache-2.0

/// The second line of defence against secrets in the log; the first is that no code passes one.
enum LogRedaction {
    static let mask = "[redacted]"

    /// Whether a field of this name must never show its value, however it is spelled: `apiKey`, `API_KEY`, `api-key`.
    static func isTelling(_ key: String) -> Bool {
        let letters = key.lowercased().filter { $0.isLetter || $0.isNumber }
        return tellingNames.contains { letters.contains($0) }
    }

    private static let tellingNames = [
        "secret", "token", "authorization", "signature", "payload", "dsn", "password", "passwd", "databaseurl",
        "apikey", "credential", "cookie",
    ]

    /// `text` cut to `limit` Unicode scalars, with what looks like a secret masked.
    static func clean(_ text: String, limit: Int) -> String {
        let scalars = text.unicodeScalars
        guard let end = scalars.index(scalars.startIndex, offsetBy: limit, limitedBy: scalars.endIndex),
            end != scalars.endIndex
        else { return masked(text) }
        return masked(String(scalars[..<end])) + "… (\(scalars.distance(from: end, to: scalars.endIndex)) more)"
    }

    /// What follows one of these, up to the next space, quote, comma or bracket, is a secret.
    private static let markers = [
        "whsec_", "sk_live_", "sk_test_", "rk_live_", "rk_test_", "bearer ", "v1=", "password=", "password:",
    ].map { Array($0.utf8) }

    private static func masked(_ text: String) -> String {
        let bytes = Array(text.utf8)
        var cleaned: [UInt8] = []
        var isMasked = false
        var index = 0
        while index < bytes.count {
            guard let (start, end) = secret(in: bytes, at: index) else {
                cleaned.append(bytes[index])
                index += 1
                continue
            }
            cleaned += bytes[index..<start] + Array(mask.utf8)
            index = end
            isMasked = true
        }
        return isMasked ? String(decoding: cleaned, as: UTF8.self) : text
    }

    /// The bytes to mask where a marker begins at `index`.
    private static func secret(in bytes: [UInt8], at index: Int) -> (start: Int, end: Int)? {
        switch bytes[index] | 0x20 {
        case UInt8(ascii: "w"), UInt8(ascii: "s"), UInt8(ascii: "r"), UInt8(ascii: "b"), UInt8(ascii: "v"),
            UInt8(ascii: "p"):
            let isMarker = { (marker: [UInt8]) in
                bytes.count - index > marker.count && bytes[index...].prefix(marker.count).map(lowercased) == marker
            }
            guard let marker = markers.first(where: isMarker) else { return nil }
            let start = index + marker.count
            return (start, secretEnd(in: bytes, from: start))
        case UInt8(ascii: ":") where bytes[index...].starts(with: "://".utf8):
            return userPassword(in: bytes, from: index + 3)
        default:
            return nil
        }
    }

    /// `postgres://user:password@host`: from the first colon to the last `@`, as a password may contain one too.
    private static func userPassword(in bytes: [UInt8], from start: Int) -> (start: Int, end: Int)? {
        let authority = bytes[start..<end(in: bytes, from: start) { isSpace($0) || $0 == UInt8(ascii: "\"") }]
        guard
            let colon = authority.firstIndex(of: UInt8(ascii: ":")),
            let at = authority.lastIndex(of: UInt8(ascii: "@")), colon < at
        else { return nil }
        return (colon + 1, at)
    }

    /// A quoted secret (libpq's `password='a b'`) ends with its quote, any other at the next delimiter.
    private static func secretEnd(in bytes: [UInt8], from start: Int) -> Int {
        let start = end(in: bytes, from: start) { !isSpace($0) }
        guard start < bytes.count else { return start }
        let quote = bytes[start]
        if quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") {
            return min(end(in: bytes, from: start + 1) { $0 == quote } + 1, bytes.count)
        }
        return end(in: bytes, from: start) { isSpace($0) || "\"'`,;&()[]{}<>".utf8.contains($0) }
    }

    private static func end(in bytes: [UInt8], from start: Int, where isEnd: (UInt8) -> Bool) -> Int {
        bytes[start...].firstIndex(where: isEnd) ?? bytes.count
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte <= 0x20
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
