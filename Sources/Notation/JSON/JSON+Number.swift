// SPDX-License-Identifier: Apache-2.0

extension JSON.Reader {
    /// A number as it is written.
    struct Number {
        let range: Range<Int>
        /// Whether it has neither a fraction nor an exponent.
        let isWhole: Bool
        let hasExponent: Bool
    }

    /// Moves past the number at the cursor.
    mutating func number() throws(JSON.DecodingFailure) -> Number {
        let start = offset
        var isWhole = true
        var hasExponent = false
        if current == UInt8(ascii: "-") { advance(to: offset + 1) }
        if current == UInt8(ascii: "0") {
            advance(to: offset + 1)
        } else {
            try digits()
        }
        if current == UInt8(ascii: ".") {
            isWhole = false
            advance(to: offset + 1)
            try digits()
        }
        if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
            isWhole = false
            hasExponent = true
            advance(to: offset + 1)
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { advance(to: offset + 1) }
            try digits()
        }
        return Number(range: start..<offset, isWhole: isWhole, hasExponent: hasExponent)
    }

    private mutating func digits() throws(JSON.DecodingFailure) {
        var place = offset
        while place < bytes.count, UInt8(ascii: "0")...UInt8(ascii: "9") ~= bytes[place] { place += 1 }
        guard place > offset else { throw unexpected("a digit") }
        advance(to: place)
    }

    /// Whole numbers of 64 bits are integers however they are written (`1e2` is 100); others are floating-point.
    /// - Throws: if the number is beyond what floating point can hold.
    func value(of number: Number) throws(JSON.DecodingFailure) -> JSON {
        if number.isWhole, let integer = integer(number.range) { return .integer(integer) }
        let value = try double(number)
        guard !number.isWhole, value.magnitude < 0x1p63 else { return .number(value) }
        // Up to 2^53 floating point distinguishes whole numbers; above, it has no fractions, and only the digits do.
        let whole = value.magnitude < 0x1p53 ? Int64(exactly: value) : wholePart(number.range)
        return whole.map(JSON.integer) ?? .number(value)
    }

    /// - Throws: as `value(of:)`.
    func check(_ number: Number) throws(JSON.DecodingFailure) {
        // The largest numbers have 309 digits.
        if number.hasExponent || number.range.count > 300 { _ = try double(number) }
    }

    private func double(_ number: Number) throws(JSON.DecodingFailure) -> Double {
        let text = try string(Text(range: number.range, isPlain: true))
        guard let value = Double(text), value.isFinite else {
            throw failure("a number beyond 64-bit floating point", at: number.range.lowerBound)
        }
        return value
    }

    /// The value of digits with or without a sign; nil beyond 64 bits.
    private func integer(_ range: Range<Int>) -> Int64? {
        let isNegative = bytes[range.lowerBound] == UInt8(ascii: "-")
        var value: Int64 = 0
        for place in (isNegative ? range.dropFirst() : range) {
            let digit = Int64(bytes[place] &- UInt8(ascii: "0"))
            guard let next = appending(isNegative ? -digit : digit, to: value) else { return nil }
            value = next
        }
        return value
    }

    /// The digits before the decimal point of a number with a fraction or an exponent; nil beyond 64 bits.
    private func wholePart(_ range: Range<Int>) -> Int64? {
        let isNegative = bytes[range.lowerBound] == UInt8(ascii: "-")
        let start = isNegative ? range.lowerBound + 1 : range.lowerBound
        let end = range.first { bytes[$0] == UInt8(ascii: "e") || bytes[$0] == UInt8(ascii: "E") }
        let mantissa = start..<(end ?? range.upperBound)
        let point = mantissa.first { bytes[$0] == UInt8(ascii: ".") } ?? mantissa.upperBound
        // Nil for an exponent that no body is long enough to make up for.
        guard let exponent = end.map({ exponent($0 + 1..<range.upperBound) }) ?? 0 else { return nil }
        var count = point - start + exponent
        var value: Int64 = 0
        for place in mantissa where count > 0 && place != point {
            guard let next = appending(Int64(bytes[place] &- UInt8(ascii: "0")), to: value) else { return nil }
            value = next
            count -= 1
        }
        while count > 0 {
            guard let next = appending(0, to: value) else { return nil }
            value = next
            count -= 1
        }
        return isNegative ? -value : value
    }

    private func exponent(_ range: Range<Int>) -> Int? {
        let digits = bytes[range.lowerBound] == UInt8(ascii: "+") ? range.dropFirst() : range
        return integer(digits).flatMap { abs($0) < 1 << 40 ? Int($0) : nil }
    }

    /// - Parameter digit: negative if the value is negative.
    private func appending(_ digit: Int64, to value: Int64) -> Int64? {
        let (tens, isTooLarge) = value.multipliedReportingOverflow(by: 10)
        let (sum, overflow) = tens.addingReportingOverflow(digit)
        return isTooLarge || overflow ? nil : sum
    }
}
