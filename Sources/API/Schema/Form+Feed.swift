// SPDX-License-Identifier: Apache-2.0

import Notation

extension Form where Value == String {
    /// A position of the feed of changes. Read by the code that follows it.
    static var feedCursor: Form {
        Form(
            [
                "type": "string", "pattern": #"^[0-9a-f]{16}\.[1-9][0-9]{0,18}(\.[A-Za-z0-9_-]{1,255})?$"#,
                "examples": ["0123456789abcdef.4711.cus_1"],
            ], "a cursor that was answered before", read: \.string, write: JSON.string)
    }
}

extension Form where Value == Int64 {
    static var version: Form { integer(0...9_007_199_254_740_991, "a whole number from 0 to 2^53 − 1") }
}

extension Form where Value == Duration {
    /// How long an answer may wait for something to say: whole seconds, up to 30.
    static var wait: Form {
        Form(
            ["type": "string", "pattern": "^([0-9]|[12][0-9]|30)s$", "examples": ["25s"]],
            "a length of time from 0s to 30s, such as 25s",
            read: { json in
                guard let text = json.string, text.hasSuffix("s"), let seconds = DurationText.seconds(text),
                    0...30 ~= seconds
                else { return nil }
                return .seconds(seconds)
            }, write: { .string("\($0.components.seconds)s") })
    }
}

extension Form {
    /// A list of so many at the most.
    static func list<Element>(_ form: Form<Element>, atMost limit: Int) -> Form where Value == [Element] {
        let list = Form<[Element]>.list(form)
        return Form(
            list.schema.with(["maxItems": .integer(Int64(limit))]), "a list of at most \(limit)",
            reader: { json throws(FormFault) in
                guard let count = json.array?.count, count <= limit else {
                    throw FormFault("must be a list of at most \(limit)")
                }
                return try list.read(json)
            }, writer: list.write)
    }

    /// Objects of two kinds in one list.
    static func list<First, Second>(of first: First.Type, or second: Second.Type) -> Form
    where First: ObjectContent, Second: ObjectContent, Value == [JSON] {
        let (one, other) = (First.form.schema, Second.form.schema)
        let schema = JSONSchema(
            ["type": "array", "items": ["anyOf": [one.json, other.json]]],
            components: one.components.merging(other.components) { first, _ in first })
        return Form(
            schema, "a list",
            reader: { json throws(FormFault) in
                guard let elements = json.array else { throw FormFault("must be a list") }
                return elements
            }, writer: JSON.array)
    }
}
