// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Settings

/// Grants each customer credits once, more than a bench ever spends. One who has them already gets no more.
struct CreditGrants: RequestSource {
    private static let amount = 1_000_000_000_000

    private let customers: BenchCustomers
    private let fields: [UInt8]
    private let body: [UInt8]
    private var position = 0

    /// - Parameter token: the admin token.
    init(_ customers: BenchCustomers, token: Secret, into target: BenchTarget) {
        self.customers = customers
        let body = #"{"amount":\#(Self.amount),"reason":"bench"}"#
        fields = Array(
            """
            /credits HTTP/1.1\r
            Host: \(target.authority)\r
            User-Agent: tollgate\r
            Authorization: Bearer \(token.value)\r
            Content-Type: application/json\r
            Content-Length: \(body.utf8.count)\r
            Idempotency-Key: bench-
            """.utf8)
        self.body = Array("\r\n\r\n\(body)".utf8)
    }

    mutating func next(into buffer: inout ByteBuffer) throws -> Bool {
        guard position < customers.count else { return false }
        buffer.writeStaticString("POST /admin/v1/customers/")
        customers.write(position, into: &buffer)
        buffer.writeBytes(fields)
        customers.write(position, into: &buffer)
        buffer.writeBytes(body)
        position += 1
        return true
    }
}
