// SPDX-License-Identifier: Apache-2.0

import Notation

extension Form where Value == Bool {
    static var bool: Form {
        Form(
            ["type": "boolean"], "true or false", parse: { ["true": true, "false": false][$0] ?? .string($0) },
            read: \.bool, write: JSON.bool)
    }

    /// A flag that can only be true.
    static var isTrue: Form {
        Form(
            ["type": "boolean", "enum": [true]], "true", parse: { $0 == "true" ? true : .string($0) },
            read: { $0 == true ? true : nil }, write: JSON.bool)
    }
}

extension Form where Value == Int64 {
    /// Any value, for answers.
    static var integer: Form {
        Form(
            ["type": "integer", "format": "int64"], "a whole number", parse: IntegerText.parse, read: \.integer,
            write: JSON.integer)
    }

    static func integer(_ range: ClosedRange<Int64>, _ words: String, except excluded: Int64? = nil) -> Form {
        let schema = JSONSchema([
            "type": "integer", "format": "int64", "minimum": .integer(range.lowerBound),
            "maximum": .integer(range.upperBound),
        ])
        return Form(
            schema.with(excluded.map { ["not": ["const": .integer($0)]] } ?? [:]).json, words, parse: IntegerText.parse,
            read: { json in json.integer.flatMap { range.contains($0) && $0 != excluded ? $0 : nil } },
            write: JSON.integer)
    }
}

extension Form where Value == Int {
    static func integer(_ range: ClosedRange<Int>) -> Form {
        Form(
            [
                "type": "integer", "minimum": .integer(Int64(range.lowerBound)),
                "maximum": .integer(Int64(range.upperBound)),
            ], "a number from \(range.lowerBound) to \(range.upperBound)", parse: IntegerText.parse,
            read: { json in json.integer.flatMap(Int.init(exactly:)).flatMap { range.contains($0) ? $0 : nil } },
            write: { .integer(Int64($0)) })
    }
}

extension Form where Value == JSON {
    /// Any value.
    static var any: Form {
        Form([:], "JSON", read: { $0 }, write: { $0 })
    }
}
