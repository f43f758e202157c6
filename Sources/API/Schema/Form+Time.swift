// SPDX-License-Identifier: Apache-2.0

import Notation

extension Form where Value == Timestamp {
    /// RFC 3339, in UTC when we write it.
    static var time: Form {
        Form(
            ["type": "string", "format": "date-time"], "a time such as 2026-11-26T09:00:00Z",
            read: { json in json.string.flatMap(Timestamp.init(rfc3339:)) }, write: { .string("\($0)") })
    }

    /// A time in a filter, within the range of all stored times: also as unix seconds, in digits.
    static var moment: Form {
        Form(
            [
                "anyOf": [
                    [
                        "type": "integer", "minimum": .integer(Timestamp.range.lowerBound.seconds),
                        "maximum": .integer(Timestamp.range.upperBound.seconds - 1),
                    ],
                    ["type": "string", "format": "date-time", "pattern": .string(momentPattern)],
                    // The same digits as text.
                    ["type": "string", "pattern": "^(0|[1-9][0-9]{0,8}|[1-3][0-9]{9}|40[0-9]{8})$"],
                ]
            ], "unix seconds or a time such as 2026-11-26T09:00:00Z", parse: IntegerText.parse,
            read: { json in
                let seconds = json.integer ?? json.string.flatMap { IntegerText.parse($0).integer }
                let time = seconds.map(Timestamp.init(seconds:)) ?? json.string.flatMap(Timestamp.init(rfc3339:))
                return time.flatMap { Timestamp.range.contains($0) ? $0 : nil }
            }, write: { .string("\($0)") })
    }

    /// At both ends of the range, an offset could lead out of it.
    private static var momentPattern: String {
        let time = #"-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?"#
        let offset = "([Zz]|[+-][0-9]{2}:[0-9]{2})"
        return "^((1970|2099)\(time)[Zz]|(197[1-9]|19[89][0-9]|20[0-8][0-9]|209[0-8])\(time)\(offset))$"
    }
}
