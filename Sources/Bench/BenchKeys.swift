// SPDX-License-Identifier: Apache-2.0

import Hashing
import NIOCore
import Notation
import Settings

/// An API key for each customer of a bench: the same ones each time, so that they are imported once, and known to nobody
/// without the admin token.
struct BenchKeys: Sendable {
    /// As long as one of Tollgate's own.
    static let length = 46
    private static let prefix = Array("bench_".utf8)

    let customers: BenchCustomers
    /// One behind the other.
    private let bytes: [UInt8]

    var count: Int { customers.count }

    /// - Throws: `HMACError` if OpenSSL fails.
    init(of customers: BenchCustomers, adminToken: Secret) throws {
        self.customers = customers
        let secret = try HMACKey(Array(adminToken.value.utf8))
        var bytes: [UInt8] = []
        bytes.reserveCapacity(customers.count * Self.length)
        var id = ByteBuffer()
        for position in 0..<customers.count {
            id.clear()
            customers.write(position, into: &id)
            let code = try id.withUnsafeReadableBytes { secret.code(Array("key of the bench: ".utf8), $0) }.get()
            bytes += Self.prefix
            bytes += Hex.encode(code).utf8.prefix(Self.length - Self.prefix.count)
        }
        self.bytes = bytes
    }

    subscript(_ position: Int) -> ArraySlice<UInt8> {
        bytes[position * Self.length..<(position + 1) * Self.length]
    }
}
