// SPDX-License-Identifier: Apache-2.0

import Notation

/// Single values of an answer as text; nil if there is nothing to show.
enum Field {
    static func text(_ number: Int64?) -> String? { number.map(String.init) }

    static func text(_ time: Timestamp?) -> String? { time?.description }

    static func text(_ flag: Bool?) -> String? { flag.map { $0 ? "yes" : "no" } }

    static func access(_ allowed: Bool) -> String { allowed ? "allowed" : "BLOCKED" }

    /// `+500`, `-20`.
    static func signed(_ amount: Int64) -> String { amount > 0 ? "+\(amount)" : String(amount) }

    /// A time without its fraction, which only programs need.
    static func second(_ time: Timestamp) -> String { Timestamp(seconds: time.seconds).description }

    /// One line per name and value; absent values are left out.
    static func lines(_ fields: [(title: String, value: String?)]) -> [String] {
        let present = fields.compactMap { field in field.value.map { (field.title, TerminalSafe.text($0)) } }
        let width = present.map(\.0.count).max() ?? 0
        return present.map { title, value in
            "  \(title)\(String(repeating: " ", count: width - title.count))  \(value)"
        }
    }
}
