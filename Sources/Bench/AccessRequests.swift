// SPDX-License-Identifier: Apache-2.0

import EventForge
import NIOCore
import Settings

/// Asks for the access of random customers.
struct AccessRequests: RequestSource {
    private let head: [UInt8]
    private let tail: [UInt8]
    private let customers: BenchCustomers
    private var random = FastRandom()

    init(_ customers: BenchCustomers, token: Secret, from target: BenchTarget) {
        self.customers = customers
        head = Array("GET /v1/customers/".utf8)
        tail = Array(
            """
            /access HTTP/1.1\r
            Host: \(target.authority)\r
            User-Agent: tollgate\r
            Accept: application/json\r
            Authorization: Bearer \(token.value)\r
            \r\n
            """.utf8)
    }

    mutating func next(into buffer: inout ByteBuffer) throws -> Bool {
        buffer.writeBytes(head)
        customers.write(Int(random.next() % UInt64(customers.count)), into: &buffer)
        buffer.writeBytes(tail)
        return true
    }
}
