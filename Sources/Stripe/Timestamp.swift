import FoundationEssentials

/// A point in time in microseconds since 1970-01-01T00:00:00Z: PostgreSQL's resolution, exact where a
/// floating-point date is not, so that "the second a grace period ends" is one well-defined value.
public struct Timestamp: Hashable, Comparable, Sendable {
    public let microseconds: Int64

    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// 1970 to 2099: no time that Stripe or an operator gives lies outside.
    public static let range = Timestamp(seconds: 0)..<Timestamp(seconds: 4_102_444_800)

    /// Stripe's timestamps are whole seconds since the epoch. Saturates instead of overflowing.
    public init(seconds: Int64) {
        let (value, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        microseconds = overflow ? (seconds < 0 ? .min : .max) : value
    }

    /// Whole seconds since the epoch, rounded down.
    public var seconds: Int64 {
        microseconds / 1_000_000 - (microseconds % 1_000_000 < 0 ? 1 : 0)
    }

    public static func < (lhs: Timestamp, rhs: Timestamp) -> Bool {
        lhs.microseconds < rhs.microseconds
    }

    /// Saturates instead of overflowing.
    public static func + (lhs: Timestamp, rhs: Duration) -> Timestamp {
        let (seconds, attoseconds) = rhs.components
        let shift = Timestamp(seconds: seconds).microseconds
        let (whole, overflow) = lhs.microseconds.addingReportingOverflow(shift)
        if overflow { return Timestamp(microseconds: shift < 0 ? .min : .max) }
        let (exact, fractionOverflow) = whole.addingReportingOverflow(attoseconds / 1_000_000_000_000)
        return Timestamp(microseconds: fractionOverflow ? whole : exact)
    }

    public static func - (lhs: Timestamp, rhs: Duration) -> Timestamp {
        lhs + (.zero - rhs)
    }
}

extension Timestamp: CustomStringConvertible {
    /// RFC 3339 in UTC, with a fraction only where there is one: `2026-11-26T09:00:00Z`.
    public var description: String {
        let date = Date(timeIntervalSince1970: Double(seconds))
        let whole = date.formatted(.iso8601)
        let remainder = microseconds % 1_000_000
        let fraction = remainder < 0 ? remainder + 1_000_000 : remainder
        if fraction == 0 { return whole }
        let digits = String(fraction + 1_000_000).dropFirst()
        return whole.dropLast() + ".\(digits)Z"
    }

    /// Reads RFC 3339 (`2026-11-26T09:00:00Z`, a fraction and an offset are allowed); nil for anything else.
    public init?(rfc3339 text: String) {
        for fractional in [false, true] {
            let style = Date.ISO8601FormatStyle(includingFractionalSeconds: fractional)
            if let date = try? Date(text, strategy: style) {  // nil is the answer: the caller says what was wrong
                // Nil too for a year that 64 bits of microseconds do not reach.
                guard let microseconds = Int64(exactly: (date.timeIntervalSince1970 * 1_000_000).rounded()) else {
                    return nil
                }
                self.init(microseconds: microseconds)
                return
            }
        }
        return nil
    }
}
