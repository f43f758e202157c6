// SPDX-License-Identifier: Apache-2.0

import Notation

/// Whether clocks agree: signatures are refused by this machine's, and PostgreSQL's stamps what came.
package struct ClockDiagnosis: Sendable {
    /// A clock that was asked, between two readings of this machine's.
    package struct Reading: Sendable, Hashable {
        /// How far it is ahead of this machine's, in seconds; to half of the time that the answer took.
        package let ahead: Double

        package init(_ time: Timestamp, from start: Timestamp, to end: Timestamp) {
            let middle = start.microseconds + (end.microseconds - start.microseconds) / 2
            ahead = Double(time.microseconds - middle) / 1_000_000
        }
    }

    /// In seconds; Stripe's own libraries allow 300 for a signature.
    private static let limit = 60.0
    private static let advice = "let NTP set the clock of this machine, and of PostgreSQL's"

    package static func stripe(_ reading: Reading) -> DoctorCheck {
        let detail = "this machine's clock is \(words(-reading.ahead, "Stripe's"))"
        return abs(reading.ahead) > limit ? .fault(.clock, detail, advice: advice) : .good(.clock, detail)
    }

    /// - Parameter stripe: nil if Stripe did not say.
    package static func database(_ reading: Reading, stripe: Reading?) -> DoctorCheck {
        var detail = "PostgreSQL's clock is \(words(reading.ahead, "this machine's"))"
        var isFar = abs(reading.ahead) > limit
        if let stripe {
            detail += ", \(words(reading.ahead - stripe.ahead, "Stripe's"))"
            isFar = isFar || abs(reading.ahead - stripe.ahead) > limit
        }
        return isFar
            ? .fault(.databaseClock, detail, advice: "\(advice): ends of keys and overrides are decided by either")
            : .good(.databaseClock, detail)
    }

    private static func words(_ ahead: Double, _ whose: String) -> String {
        let seconds = Int(ahead.rounded())
        if abs(seconds) <= 1 { return "the same as \(whose), to a second" }
        return "\(abs(seconds)) s \(seconds > 0 ? "ahead of" : "behind") \(whose)"
    }
}
