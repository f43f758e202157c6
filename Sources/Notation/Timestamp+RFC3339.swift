// SPDX-License-Identifier: Apache-2.0

extension Timestamp {
    /// Reads RFC 3339 (`2026-11-26T09:00:00Z`; a fraction and an offset are allowed); nil for anything else, and for a
    /// time that no calendar or clock shows, such as 30 February or 25:00: to adjust it would be a guess. A second 60
    /// is refused too, as seconds since 1970 do not count leap seconds.
    package init?(rfc3339 text: String) {
        var reader = Reader(text)
        guard let year = reader.number(4), reader.take("-"), let month = reader.number(2), reader.take("-"),
            let day = reader.number(2), (1...12).contains(month), day >= 1, day <= Self.days(ofMonth: month, year),
            reader.take("T") || reader.take("t"), let hour = reader.number(2), reader.take(":"),
            let minute = reader.number(2), reader.take(":"), let second = reader.number(2), hour < 24, minute < 60,
            second < 60, let fraction = reader.fraction(), let offset = reader.offset(), reader.isAtEnd
        else { return nil }
        let seconds = Self.day(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second - offset
        // At most 9999 years: far from the end of 64 bits.
        self.init(microseconds: seconds * 1_000_000 + fraction)
    }

    private static func days(ofMonth month: Int64, _ year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// The day since 1970-01-01 of a Gregorian date. Like its inverse, it counts years that begin in March.
    private static func day(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// Reads a text from its start, piece by piece.
    private struct Reader {
        private var rest: Substring.UTF8View

        init(_ text: String) {
            rest = Substring(text).utf8
        }

        var isAtEnd: Bool { rest.isEmpty }

        mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard rest.first == UInt8(ascii: character) else { return false }
            rest.removeFirst()
            return true
        }

        /// A number of exactly this many digits.
        mutating func number(_ digits: Int) -> Int64? {
            var number: Int64 = 0
            for _ in 0..<digits {
                guard let digit = digit() else { return nil }
                number = number * 10 + digit
            }
            return number
        }

        private mutating func digit() -> Int64? {
            guard let byte = rest.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            rest.removeFirst()
            return Int64(byte - UInt8(ascii: "0"))
        }

        /// In microseconds; finer digits are dropped. 0 if there is no fraction, nil for a point without digits.
        mutating func fraction() -> Int64? {
            guard take(".") else { return 0 }
            var (fraction, unit, count): (Int64, Int64, Int) = (0, 100_000, 0)
            while let digit = digit() {
                fraction += digit * unit
                unit /= 10
                count += 1
            }
            return count > 0 ? fraction : nil
        }

        /// How many seconds a zone's clocks are ahead of UTC.
        mutating func offset() -> Int64? {
            if take("Z") || take("z") { return 0 }
            let isBehind = take("-")
            guard isBehind || take("+"), let hours = number(2), take(":"), let minutes = number(2), hours < 24,
                minutes < 60
            else { return nil }
            return (hours * 3_600 + minutes * 60) * (isBehind ? -1 : 1)
        }
    }
}
