// SPDX-License-Identifier: Apache-2.0

import Notation

extension Form where Value == String {
    /// An exact amount of dollars, as a text: many JSON numbers are read as another one.
    static var decimal: Form {
        let pattern = #"^(0|[1-9][0-9]{0,11})(\.[0-9]{1,12})?$"#
        return text(1...25, pattern: pattern, "a decimal number as a text, such as \"0.25\"") { text in
            text.wholeMatch(of: /(0|[1-9][0-9]{0,11})(\.[0-9]{1,12})?/.asciiOnlyDigits()) != nil
        }
        .with(["examples": ["1000"]])
    }

    /// What a cost is multiplied by, as a text.
    static var factor: Form {
        let part = "([1-9][0-9]{0,3}|0[1-9][0-9]{0,2}|00[1-9][0-9]?|000[1-9])"
        let words = "a number above 0 and below 1000000 as a text, with at most 4 decimals, such as \"1.33\""
        return text(1...11, pattern: #"^([1-9][0-9]{0,5}(\.[0-9]{1,4})?|0\.\#(part))$"#, words) { text in
            text.wholeMatch(of: /([1-9][0-9]{0,5}|0)(\.[0-9]{1,4})?/.asciiOnlyDigits()) != nil
                && text.contains { "1"..."9" ~= $0 }
        }
        .with(["examples": ["1.33"]])
    }

    static var providerName: Form { modelName.with(["examples": ["anthropic"]]) }

    /// A provider or a model, as whoever reports usage names it.
    static var modelName: Form {
        text(1...256, pattern: "^[!-~]+$", "1 to 256 visible ASCII characters") { text in
            1...256 ~= text.utf8.count && text.utf8.allSatisfy { 0x21...0x7E ~= $0 }
        }
        .with(["examples": ["claude-fable-5-1"]])
    }

    /// A name of the gateway's own, such as a session's.
    static var shortText: Form {
        text(1...255, pattern: #"^[^\u0000]*$"#, "1 to 255 characters, without NUL") { text in
            1...255 ~= text.unicodeScalars.count && !text.utf8.contains(0)
        }
    }

    /// What an operator calls a plan.
    static var planName: Form {
        text(
            1...64, pattern: "^[a-z0-9][a-z0-9_-]*$",
            "1 to 64 of a-z, 0-9, _ and -, of which the first is a letter or a digit"
        ) { text in
            text.utf8.count <= 64 && text.wholeMatch(of: /[a-z0-9][a-z0-9_\-]*/) != nil
        }
        .with(["examples": ["pro"]])
    }
}

extension Form where Value == Int64 {
    /// Of a text, in characters.
    static var length: Form { integer(0...9_007_199_254_740_991, "a whole number from 0 to 2^53 − 1") }
}

extension Form where Value == JSON {
    /// A provider's usage object, as it came.
    static var usageObject: Form {
        let limit = 65_536
        return Form(
            ["type": "object", "examples": [["input_tokens": 3, "output_tokens": 550]]],
            "an object of at most \(limit) bytes, without NUL",
            read: { json in
                guard json.object != nil, json.bytes.count <= limit, !json.containsNUL else { return nil }
                return json
            }, write: { $0 })
    }
}

extension JSON {
    /// PostgreSQL keeps none.
    fileprivate var containsNUL: Bool {
        switch self {
        case .null, .bool, .integer, .number: false
        case .string(let text): text.utf8.contains(0)
        case .array(let elements): elements.contains(where: \.containsNUL)
        case .object(let members): members.contains { $0.key.utf8.contains(0) || $0.value.containsNUL }
        }
    }
}

extension Form where Value == Timestamp {
    /// A day in UTC: its first instant.
    static var day: Form {
        let days = "(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31"
        let leapYear = "(19(7[26]|8[048]|9[26])|20([02468][048]|[13579][26]))"
        let pattern = "^((19[7-9][0-9]|20[0-9]{2})-(\(days))|\(leapYear)-02-29)$"
        return Form(
            ["type": "string", "pattern": .string(pattern), "examples": ["2026-11-26"]], "a date such as 2026-11-26",
            read: { json in
                guard let text = json.string, text.utf8.count == 10,
                    let day = Timestamp(rfc3339: "\(text)T00:00:00Z"), Timestamp.range.contains(day)
                else { return nil }
                return day
            }, write: { .string(String($0.description.prefix(10))) })
    }
}

extension Form where Value == UTCMonth {
    static var month: Form {
        Form(
            [
                "type": "string", "pattern": "^(19[7-9][0-9]|20[0-9]{2})-(0[1-9]|1[0-2])$", "examples": ["2026-11"],
            ], "a month such as 2026-11",
            read: { json in
                json.string.flatMap(UTCMonth.init).flatMap { Timestamp.range.contains($0.start) ? $0 : nil }
            }, write: { .string($0.description) })
    }
}

extension Form where Value == [String: Int64] {
    /// How much was used, by pool: `input`, `cache_read`, `unit:image`.
    static var quantities: Form {
        Form(
            ["type": "object", "additionalProperties": ["type": "integer", "format": "int64"]], "an object of numbers",
            read: { json in
                let quantities = json.object?.compactMapValues(\.integer)
                return quantities?.count == json.object?.count ? quantities : nil
            }, write: { .object($0.mapValues(JSON.integer)) })
    }
}
