// SPDX-License-Identifier: Apache-2.0

import Metering
import Postgres

/// `numeric`, in groups of four decimal digits. 24 decimals are six such groups, so none of them is ever cut.
extension Dollars: PostgresCodable, PostgresColumn {
    private static let base: UInt128 = 10_000
    /// How many groups are behind the point.
    private static let fraction = decimals / 4
    private static let minus: UInt16 = 0x4000

    package static var postgresType: PostgresType { .numeric }

    /// As few digits as the amount has.
    package func encode(into buffer: inout [UInt8]) {
        var groups: [UInt16] = []
        var rest = count.magnitude
        while rest > 0 {
            groups.append(UInt16(rest % Self.base))
            rest /= Self.base
        }
        let weight = groups.count - 1 - Self.fraction
        let shown = groups.drop { $0 == 0 }
        let header = [
            UInt16(shown.count), UInt16(bitPattern: Int16(shown.isEmpty ? 0 : weight)), count < 0 ? Self.minus : 0,
            UInt16(shownDecimals),
        ]
        for value in header + shown.reversed() {
            buffer.append(UInt8(value >> 8))
            buffer.append(UInt8(value & 0xFF))
        }
    }

    /// Nil also for more than 24 decimals, for what 128 bits do not hold, and for what is no number.
    package static func decode(_ bytes: UnsafeRawBufferPointer, oid: UInt32) -> Dollars? {
        guard oid == postgresType.oid, bytes.count >= 8, bytes.count.isMultiple(of: 2) else { return nil }
        let values = stride(from: 0, to: bytes.count, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
        let (weight, sign, groups) = (Int(Int16(bitPattern: values[1])), values[2], values[4...])
        guard groups.count == Int(values[0]), sign == 0 || sign == minus else { return nil }
        var magnitude: UInt128 = 0
        for (place, group) in groups.enumerated() where group > 0 {
            guard group < base, let part = shifted(UInt128(group), by: weight - place + fraction),
                case (let sum, let overflow) = magnitude.addingReportingOverflow(part), !overflow
            else { return nil }
            magnitude = sum
        }
        guard magnitude <= Int128.max.magnitude + (sign == minus ? 1 : 0) else { return nil }
        return Dollars(count: Int128(truncatingIfNeeded: sign == minus ? 0 &- magnitude : magnitude))
    }

    /// By so many groups; nil if digits would be lost.
    private static func shifted(_ group: UInt128, by places: Int) -> UInt128? {
        guard 0..<10 ~= places else { return nil }
        var value = group
        for _ in 0..<places {
            let (product, overflow) = value.multipliedReportingOverflow(by: base)
            if overflow { return nil }
            value = product
        }
        return value
    }

    private var shownDecimals: Int {
        var (decimals, rest) = (Self.decimals, count.magnitude)
        while decimals > 0, rest.isMultiple(of: 10) {
            decimals -= 1
            rest /= 10
        }
        return decimals
    }
}
