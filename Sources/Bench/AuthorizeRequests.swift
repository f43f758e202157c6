// SPDX-License-Identifier: Apache-2.0

import EventForge
import NIOCore
import Settings

/// Asks whether the owners of random keys may call, as a gateway's auth subrequest does.
struct AuthorizeRequests: RequestSource {
    private let head: [UInt8]
    private let keys: BenchKeys
    private var random = FastRandom()

    /// - Parameter token: the gateway's.
    init(_ keys: BenchKeys, token: Secret, from target: BenchTarget) {
        self.keys = keys
        head = Array(
            """
            GET /v1/authorize HTTP/1.1\r
            Host: \(target.authority)\r
            User-Agent: tollgate\r
            Tollgate-Gateway-Token: \(token.value)\r
            Authorization: Bearer\u{20}
            """.utf8)
    }

    mutating func next(into buffer: inout ByteBuffer) throws -> Bool {
        buffer.writeBytes(head)
        buffer.writeBytes(keys[Int(random.next() % UInt64(keys.count))])
        buffer.writeStaticString("\r\n\r\n")
        return true
    }
}
