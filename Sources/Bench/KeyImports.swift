// SPDX-License-Identifier: Apache-2.0

import Hashing
import NIOCore
import Settings

/// Imports each of the keys once. One that is there already stays as it is.
struct KeyImports: RequestSource {
    /// What follows the 64 hex digits of a key.
    private static let end: StaticString = "\"}"

    private let keys: BenchKeys
    private let tail: [UInt8]
    private var position = 0

    /// - Parameter token: the admin token.
    init(_ keys: BenchKeys, token: Secret, into target: BenchTarget) {
        self.keys = keys
        let body = #"{"label":"bench","sha256":""#
        tail = Array(
            """
            /keys/import HTTP/1.1\r
            Host: \(target.authority)\r
            User-Agent: tollgate\r
            Authorization: Bearer \(token.value)\r
            Content-Type: application/json\r
            Content-Length: \(body.utf8.count + 64 + Self.end.utf8CodeUnitCount)\r
            \r
            \(body)
            """.utf8)
    }

    mutating func next(into buffer: inout ByteBuffer) throws -> Bool {
        guard position < keys.count else { return false }
        guard let digest = Digest.sha256(Array(keys[position])) else { throw HMACError(function: "EVP_Q_digest") }
        buffer.writeStaticString("POST /admin/v1/customers/")
        keys.customers.write(position, into: &buffer)
        buffer.writeBytes(tail)
        buffer.writeString(digest)
        buffer.writeStaticString(Self.end)
        position += 1
        return true
    }
}
