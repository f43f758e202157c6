// SPDX-License-Identifier: Apache-2.0

/// A field that a rule needs but cannot use: where it is, what is wrong with it, its value if that is short, and what an
/// operator can do. Value and advice hold what is a customer's: they are for operators, and `loggable` for a log.
package struct FieldError: Error, Hashable, Sendable, CustomStringConvertible {
    package let path: String
    package let reason: String
    /// The value in a form that any terminal can show: a scalar, on one line, of at most 60 characters. Never a list or
    /// an object, which could be the whole payload.
    package let value: String?

    /// What an operator can do, with the ids that it takes.
    package let advice: String?

    package init(_ path: String, _ reason: String, value: JSON? = nil, advice: String? = nil) {
        self.path = path
        self.reason = reason
        self.value = value.flatMap(Self.shown)
        self.advice = advice
    }

    package var description: String { ([loggable] + [value, advice].compactMap { $0 }).joined(separator: ": ") }

    /// The same without value and advice.
    package var loggable: String { "\(path.isEmpty ? "the body" : path) \(reason)" }

    private static func shown(_ value: JSON) -> String? {
        switch value {
        case .null, .array, .object: nil
        case .bool(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .string(let text): quoted(text)
        }
    }

    private static func quoted(_ text: String) -> String {
        let limit = 60
        var shown = ""
        var count = 0
        for scalar in text.unicodeScalars {
            let written = isPlain(scalar) ? String(scalar) : scalar.escaped(asASCII: true)
            count += written.unicodeScalars.count
            guard count <= limit else { return "\"\(shown)…\"" }
            shown += written
        }
        return "\"\(shown)\""
    }

    /// Nothing that a terminal would obey, a reader would not see, or PostgreSQL would refuse.
    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned: false
        default: scalar != "\"" && scalar != "\\"
        }
    }
}
