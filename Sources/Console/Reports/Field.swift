// SPDX-License-Identifier: Apache-2.0

import Notation

/// Single fields of an answer as text; nil where there is nothing to show.
enum Field {
    static func text(_ value: JSON?) -> String? {
        switch value {
        case nil, .null: nil
        case .string(let text): text
        case .bool(let flag): flag ? "yes" : "no"
        case .some(let other): String(decoding: other.bytes, as: UTF8.self)
        }
    }

    static func access(_ allowed: JSON?) -> String? {
        allowed?.bool.map { $0 ? "allowed" : "BLOCKED" }
    }

    /// `+500`, `-20`.
    static func signed(_ amount: JSON?) -> String? {
        guard let number = amount?.integer else { return text(amount) }
        return number > 0 ? "+\(number)" : String(number)
    }

    /// Names and values below one another, leaving out what is absent.
    static func lines(_ object: JSON, _ fields: [(title: String, key: String)]) -> [String] {
        let present = fields.compactMap { field in text(object[field.key]).map { (field.title, TerminalSafe.text($0)) }
        }
        let width = present.map(\.0.count).max() ?? 0
        return present.map { title, value in
            "  \(title)\(String(repeating: " ", count: width - title.count))  \(value)"
        }
    }
}
