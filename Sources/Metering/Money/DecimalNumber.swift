// SPDX-License-Identifier: Apache-2.0

import Notation

/// A decimal number, exactly as it was written: `coefficient` × 10^-`decimals`.
package struct DecimalNumber: Hashable, Sendable {
    package let coefficient: Int128
    /// As few as possible.
    package let decimals: Int

    /// - Parameter decimals: from 0 to 38.
    package init(coefficient: Int128, decimals: Int) {
        var (coefficient, decimals) = (coefficient, decimals)
        while decimals > 0, coefficient.isMultiple(of: 10) {
            coefficient /= 10
            decimals -= 1
        }
        self.coefficient = coefficient
        self.decimals = decimals
    }

    /// 10 to this power, which is at most 38.
    static func power(_ exponent: Int) -> Int128 { powers[exponent] }

    private static let powers: [Int128] = (0..<38).reduce(into: [1]) { powers, index in
        powers.append(powers[index] * 10)
    }

    /// How many of a unit of 10^-`decimals` it is; nil if it is finer than that, or more than 128 bits count.
    func count(decimals: Int) -> Int128? {
        guard self.decimals <= decimals else { return nil }
        let (count, overflow) = coefficient.multipliedReportingOverflow(by: Self.power(decimals - self.decimals))
        return overflow ? nil : count
    }

    /// Times 10 to this power, which is not negative; as it is if it has too many digits for that.
    func shifted(by exponent: Int) -> DecimalNumber {
        let missing = max(0, exponent - decimals)
        let (digits, overflow) = coefficient.multipliedReportingOverflow(by: Self.power(missing))
        return overflow ? self : DecimalNumber(coefficient: digits, decimals: max(0, decimals - exponent))
    }

    /// Nil unless the quotient has so many decimals at most.
    func divided(by other: DecimalNumber, decimals: Int) -> DecimalNumber? {
        let fineness = max(self.decimals, other.decimals)
        guard let whole = count(decimals: fineness), let part = other.count(decimals: fineness), part != 0,
            case (let scaled, let overflow) = whole.multipliedReportingOverflow(by: Self.power(decimals)), !overflow,
            scaled.isMultiple(of: part)
        else { return nil }
        return DecimalNumber(coefficient: scaled / part, decimals: decimals)
    }
}

extension DecimalNumber {
    /// Reads `12`, `-0.5`, `3.750`; nil for anything else, such as an exponent, a missing digit or a leading zero, and
    /// for more than 38 digits.
    package init?(_ text: String) {
        var digits = Array(text.utf8)
        let isNegative = digits.first == UInt8(ascii: "-")
        if isNegative { digits.removeFirst() }
        let point = digits.firstIndex(of: UInt8(ascii: "."))
        if let point { digits.remove(at: point) }
        let whole = point ?? digits.count
        guard whole > 0, point.map({ $0 < digits.count }) ?? true, digits.count <= 38,
            whole == 1 || digits[0] != UInt8(ascii: "0"), digits.allSatisfy({ 0x30...0x39 ~= $0 })
        else { return nil }
        // 38 digits are within 128 bits.
        let coefficient = digits.reduce(Int128(0)) { $0 * 10 + Int128($1 - 0x30) }
        self.init(coefficient: isNegative ? -coefficient : coefficient, decimals: digits.count - whole)
    }

    /// Reads a text as above, or a JSON number. A number with a fraction is decoded in floating point, which keeps 15
    /// digits exactly: one with more is nil.
    package init?(_ json: JSON) {
        switch json {
        case .string(let text): self.init(text)
        case .integer(let value): self.init(coefficient: Int128(value), decimals: 0)
        case .number(let value): self.init(value)
        default: return nil
        }
    }

    /// The shortest digits that read back as the same number, which are those that were written.
    private init?(_ value: Double) {
        let parts = value.description.split(separator: "e")
        guard let mantissa = parts.first.flatMap({ DecimalNumber(String($0)) }),
            mantissa.coefficient.magnitude < 1_000_000_000_000_000,
            let exponent = parts.count > 1 ? Int(parts[1]) : 0
        else { return nil }
        let decimals = mantissa.decimals - exponent
        guard decimals <= 38, decimals > -20 else { return nil }
        let shift = Self.power(max(0, -decimals))
        self.init(coefficient: mantissa.coefficient * shift, decimals: max(0, decimals))
    }
}

extension DecimalNumber: CustomStringConvertible {
    /// Without an exponent, and without zeros at its end.
    package var description: String {
        let digits = coefficient.magnitude.description
        let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
        let sign = coefficient < 0 ? "-" : ""
        guard decimals > 0 else { return sign + padded }
        return "\(sign)\(padded.dropLast(decimals)).\(padded.suffix(decimals))"
    }
}
