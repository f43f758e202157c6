// SPDX-License-Identifier: Apache-2.0

import EventForge
import NIOCore
import Settings

/// Holds credits of random customers, and settles each hold that was granted.
struct SpendRequests: RequestSource {
    /// What a hold asks for, and what its settlement takes of it.
    static let (held, settled) = (2, 1)

    private let customers: BenchCustomers
    /// Chooses the customers, and tells the holds of this source from all others'.
    private let seed: UInt64
    private let name: String
    private let holdTail: [UInt8]
    private let settleTail: [UInt8]
    private var made = 0

    /// - Parameters:
    ///   - token: the gateway's.
    ///   - seed: another one for each source.
    init(_ customers: BenchCustomers, token: Secret, from target: BenchTarget, seed: UInt64) {
        self.customers = customers
        self.seed = seed
        name = "bench-\(String(seed, radix: 36))-"
        holdTail = Self.tail("", #"{"amount":\#(Self.held),"ttl":"1m"}"#, token, target)
        settleTail = Self.tail("/settle", #"{"amount":\#(Self.settled)}"#, token, target)
    }

    private static func tail(_ path: String, _ body: String, _ token: Secret, _ target: BenchTarget) -> [UInt8] {
        Array(
            """
            \(path) HTTP/1.1\r
            Host: \(target.authority)\r
            User-Agent: tollgate\r
            Authorization: Bearer \(token.value)\r
            Content-Type: application/json\r
            Content-Length: \(body.utf8.count)\r
            \r
            \(body)
            """.utf8)
    }

    mutating func next(into buffer: inout ByteBuffer) throws -> Bool {
        buffer.writeStaticString("PUT ")
        writePath(made, into: &buffer)
        buffer.writeBytes(holdTail)
        made += 1
        return true
    }

    func follow(_ number: Int, into buffer: inout ByteBuffer) -> Bool {
        buffer.writeStaticString("POST ")
        writePath(number, into: &buffer)
        buffer.writeBytes(settleTail)
        return true
    }

    private func writePath(_ number: Int, into buffer: inout ByteBuffer) {
        buffer.writeStaticString("/v1/customers/")
        customers.write(customer(of: number), into: &buffer)
        buffer.writeStaticString("/holds/")
        buffer.writeString(name)
        buffer.writeString(String(number))
    }

    /// The same for a hold and its settlement: nothing has to be kept between them.
    private func customer(of number: Int) -> Int {
        Int(FastRandom.number(number, from: seed) % UInt64(customers.count))
    }
}
