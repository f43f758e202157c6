// SPDX-License-Identifier: Apache-2.0

/// A point in time in microseconds since 1970-01-01T00:00:00Z: PostgreSQL's resolution, exact where a
/// floating-point date is not, so that "the second a grace period ends" is one well-defined value.
@usableFromInline
package struct Timestamp: Hashable, Comparable, Sendable {
    @usableFromInline
    package let microseconds: Int64

    package init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// 1970 to 2099: no time from Stripe or an operator lies outside it.
    package static let range = Timestamp(seconds: 0)..<Timestamp(seconds: 4_102_444_800)

    /// Stripe's timestamps are whole seconds since the epoch. Saturates instead of overflowing.
    package init(seconds: Int64) {
        let (value, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        microseconds = overflow ? (seconds < 0 ? .min : .max) : value
    }

    /// Whole seconds since the epoch, rounded down.
    package var seconds: Int64 {
        microseconds / 1_000_000 - (microseconds % 1_000_000 < 0 ? 1 : 0)
    }

    @inlinable
    package static func < (lhs: Timestamp, rhs: Timestamp) -> Bool {
        lhs.microseconds < rhs.microseconds
    }

    /// Saturates instead of overflowing.
    package static func + (lhs: Timestamp, rhs: Duration) -> Timestamp {
        let (seconds, attoseconds) = rhs.components
        let shift = Timestamp(seconds: seconds).microseconds
        let (whole, overflow) = lhs.microseconds.addingReportingOverflow(shift)
        if overflow { return Timestamp(microseconds: shift < 0 ? .min : .max) }
        let (exact, fractionOverflow) = whole.addingReportingOverflow(attoseconds / 1_000_000_000_000)
        return Timestamp(microseconds: fractionOverflow ? whole : exact)
    }

    package static func - (lhs: Timestamp, rhs: Duration) -> Timestamp {
        lhs + (.zero - rhs)
    }

    /// The first instant of its day in UTC.
    package var startOfDay: Timestamp { Timestamp(seconds: dayNumber * 86_400) }

    /// The first instant of its month in UTC.
    package var startOfMonth: Timestamp {
        let day = dayNumber
        return Timestamp(seconds: (day - Int64(Self.date(ofDay: day).day) + 1) * 86_400)
    }

    /// Since 1970-01-01 in UTC.
    private var dayNumber: Int64 { (seconds >= 0 ? seconds : seconds - 86_399) / 86_400 }
}

extension Timestamp: CustomStringConvertible {
    /// RFC 3339 in UTC, with a fraction only if there is one: `2026-11-26T09:00:00Z`.
    @usableFromInline
    package var description: String {
        let bytes = Array(capacity: Self.longestDescription) { append(to: &$0) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// In bytes: room for a negative year of six digits, and a fraction.
    package static let longestDescription = 30

    /// Appends the `description` in ASCII. Avoids Foundation's formatting, which takes microseconds: every flag read
    /// needs one.
    /// - Parameter output: must have room for `longestDescription` bytes.
    package func append(to output: inout OutputSpan<UInt8>) {
        let seconds = self.seconds
        let day = dayNumber
        let second = UInt32(truncatingIfNeeded: seconds - day * 86_400)
        let date = Self.date(ofDay: day)
        if date.year < 0 { output.append(UInt8(ascii: "-")) }
        let year = UInt32(truncatingIfNeeded: date.year.magnitude)  // six digits
        if year >= 100_000 { output.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: year / 100_000)) }
        if year >= 10_000 { output.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: year / 10_000 % 10)) }
        Self.append(year / 100 % 100, to: &output)
        Self.append(year % 100, to: &output)
        output.append(UInt8(ascii: "-"))
        Self.append(date.month, to: &output)
        output.append(UInt8(ascii: "-"))
        Self.append(date.day, to: &output)
        output.append(UInt8(ascii: "T"))
        Self.append(second / 3_600, to: &output)
        output.append(UInt8(ascii: ":"))
        Self.append(second / 60 % 60, to: &output)
        output.append(UInt8(ascii: ":"))
        Self.append(second % 60, to: &output)
        let remainder = microseconds % 1_000_000
        if remainder != 0 {
            let fraction = UInt32(truncatingIfNeeded: remainder < 0 ? remainder + 1_000_000 : remainder)
            output.append(UInt8(ascii: "."))
            Self.append(fraction / 10_000, to: &output)
            Self.append(fraction / 100 % 100, to: &output)
            Self.append(fraction % 100, to: &output)
        }
        output.append(UInt8(ascii: "Z"))
    }

    /// Two digits.
    private static func append(_ number: UInt32, to output: inout OutputSpan<UInt8>) {
        output.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / 10))
        output.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number % 10))
    }

    /// The date of a day since 1970-01-01 in the Gregorian calendar, also before it was introduced. Counts in eras of
    /// 400 years, which are all alike, and in years that begin in March, so that the leap day comes last.
    private static func date(ofDay day: Int64) -> (year: Int64, month: UInt32, day: UInt32) {
        let daysPerEra: Int64 = 146_097
        let shifted = day + 719_468  // since 0000-03-01
        let era = (shifted >= 0 ? shifted : shifted - (daysPerEra - 1)) / daysPerEra
        let dayOfEra = shifted - era * daysPerEra
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / (daysPerEra - 1)) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153  // since March
        return (
            year: era * 400 + yearOfEra + (month >= 10 ? 1 : 0),
            month: UInt32(truncatingIfNeeded: month < 10 ? month + 3 : month - 9),
            day: UInt32(truncatingIfNeeded: dayOfYear - (153 * month + 2) / 5 + 1)
        )
    }
}
