// SPDX-License-Identifier: Apache-2.0

import EventForge
import NIOCore

/// The customers that a bench asks for.
enum BenchCustomers: Sendable {
    /// Those that `bench ingest` makes, `cus_bench00000001` and on.
    case numbered(Int)
    case listed([String])

    var count: Int {
        switch self {
        case .numbered(let count): count
        case .listed(let ids): ids.count
        }
    }

    /// - Parameter position: from 0 to `count`, without it.
    func write(_ position: Int, into buffer: inout ByteBuffer) {
        switch self {
        case .numbered:
            buffer.writeStaticString("cus_bench")
            var number = position + 1
            let digits = EventFields.Field.customer.range.count
            let start = buffer.writerIndex
            buffer.writeRepeatingByte(UInt8(ascii: "0"), count: digits)
            for place in (start..<start + digits).reversed() {
                buffer.setInteger(UInt8(ascii: "0") + UInt8(number % 10), at: place)
                number /= 10
            }
        case .listed(let ids): buffer.writeString(ids[position])
        }
    }
}
