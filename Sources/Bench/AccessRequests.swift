// SPDX-License-Identifier: Apache-2.0

import EventForge
import NIOCore
import Settings

/// Asks for the access of random customers.
struct AccessRequests: RequestSource {
    /// Which customers it asks for.
    enum Customers: Sendable {
        /// Those that `bench ingest` makes.
        case numbered(Int)
        case listed([String])
    }

    private let head: [UInt8]
    private let tail: [UInt8]
    private let customers: Customers
    private var random = FastRandom()

    init(_ customers: Customers, token: Secret, from target: BenchTarget) {
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
        switch customers {
        case .numbered(let count):
            buffer.writeStaticString("cus_bench")
            var number = Int(random.next() % UInt64(count)) + 1
            let digits = EventFields.Field.customer.range.count
            let start = buffer.writerIndex
            buffer.writeRepeatingByte(UInt8(ascii: "0"), count: digits)
            for position in (start..<start + digits).reversed() {
                buffer.setInteger(UInt8(ascii: "0") + UInt8(number % 10), at: position)
                number /= 10
            }
        case .listed(let ids): buffer.writeString(ids[Int(random.next() % UInt64(ids.count))])
        }
        buffer.writeBytes(tail)
        return true
    }
}
