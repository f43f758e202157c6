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

extension Form where Value == Duration {
    /// How long two keys may both work: up to 30 days, as a whole number and a unit.
    static var overlap: Form {
        let seconds = "(0|[1-9][0-9]{0,5}|1[0-9]{6}|2[0-4][0-9]{5}|25[0-8][0-9]{4}|259[01][0-9]{3}|2592000)s"
        let minutes = "(0|[1-9][0-9]{0,3}|[1-3][0-9]{4}|4[0-2][0-9]{3}|43[01][0-9]{2}|43200)m"
        let hours = "(0|[1-9][0-9]?|[1-6][0-9]{2}|7[01][0-9]|720)h"
        let days = "(0|[1-9]|[12][0-9]|30)d"
        return length(
            within: 0...30 * 86_400, pattern: "^(\(seconds)|\(minutes)|\(hours)|\(days))$",
            "a length of time from 0s to 30d, such as 24h", example: "24h")
    }

    /// How long a hold is kept: from a second to a day.
    static var holdTime: Form {
        let seconds = "([1-9][0-9]{0,3}|[1-7][0-9]{4}|8[0-5][0-9]{3}|86[0-3][0-9]{2}|86400)s"
        let minutes = "([1-9][0-9]{0,2}|1[0-3][0-9]{2}|14[0-3][0-9]|1440)m"
        let hours = "([1-9]|1[0-9]|2[0-4])h"
        return length(
            within: HoldsAPI.times, pattern: "^(\(seconds)|\(minutes)|\(hours)|1d)$",
            "a length of time from 1s to 24h, such as 10m", example: "10m")
    }

    /// - Parameters:
    ///   - seconds: the allowed lengths.
    ///   - pattern: matches exactly these.
    private static func length(
        within seconds: ClosedRange<Int64>,
        pattern: String,
        _ words: String,
        example: String
    ) -> Form {
        Form(
            ["type": "string", "pattern": .string(pattern), "examples": [.string(example)]], words,
            read: { json in
                json.string.flatMap(DurationText.seconds).flatMap { seconds.contains($0) ? .seconds($0) : nil }
            }, write: { .string("\($0.components.seconds)s") })
    }
}
