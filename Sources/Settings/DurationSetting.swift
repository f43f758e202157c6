// SPDX-License-Identifier: Apache-2.0

/// How a length of time is written: a whole number and its unit, `300s`, `15m`, `72h`, `90d`.
package enum DurationSetting {
    /// A hundred years: anything longer is a typing error, and times computed with it would overflow.
    private static let longest: Int64 = 36_500 * 86_400

    package static func parse(_ text: String, variable: String) throws(ConfigurationError) -> Duration {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard !digits.isEmpty else {
            let reason =
                "\"\(text)\" is not a length of time; write a whole number and a unit, such as 300s, 15m, 72h or 90d"
            throw ConfigurationError(variable: variable, reason: reason)
        }
        let seconds: Int64
        switch text.dropFirst(digits.count) {
        case "s": seconds = 1
        case "m": seconds = 60
        case "h": seconds = 3_600
        case "d": seconds = 86_400
        case "":
            let reason = "\"\(text)\" has no unit; write \(digits)s for seconds, \(digits)m, \(digits)h or \(digits)d"
            throw ConfigurationError(variable: variable, reason: reason)
        case let unit:
            let reason =
                "\"\(unit)\" in \"\(text)\" is not a unit; write a whole number and one of s, m, h or d, such as 72h"
            throw ConfigurationError(variable: variable, reason: reason)
        }
        let (total, overflow) = (Int64(digits) ?? .max).multipliedReportingOverflow(by: seconds)
        guard total > 0 else {
            throw ConfigurationError(
                variable: variable, reason: "\"\(text)\" is no time at all; it must be longer than zero")
        }
        guard !overflow, total <= longest else {
            throw ConfigurationError(
                variable: variable, reason: "\"\(text)\" is longer than 36500d, the longest allowed")
        }
        return .seconds(total)
    }

    /// As it is written, in the largest unit that expresses it exactly.
    package static func text(_ duration: Duration) -> String {
        let seconds = duration.components.seconds
        for (unit, name) in [(Int64(86_400), "d"), (3_600, "h"), (60, "m")] where seconds >= unit {
            if seconds.isMultiple(of: unit) { return "\(seconds / unit)\(name)" }
        }
        return "\(seconds)s"
    }
}
