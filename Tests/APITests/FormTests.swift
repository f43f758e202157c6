// SPDX-License-Identifier: Apache-2.0

import Notation
import TestSupport
import Testing

@testable import API

/// A form's reader accepts exactly what its schema allows, and reads back what the form writes.
@Suite struct FormTests {
    private func expect<Value: Equatable>(
        _ form: Form<Value>,
        takes good: [JSON],
        refuses bad: [JSON]
    ) {
        let validator = SchemaValidator(.object(form.schema.components))
        for json in good {
            #expect(validator.fault(of: json, form.schema.json) == nil, "\(json) \(form.words)")
            guard let value = try? form.read(json) else {
                Issue.record("\(json) is not \(form.words)")
                continue
            }
            #expect((try? form.read(form.write(value))) == value)
            #expect(validator.fault(of: form.write(value), form.schema.json) == nil, "\(form.write(value))")
        }
        for json in bad {
            #expect(validator.fault(of: json, form.schema.json) != nil, "\(json) \(form.words)")
            #expect(throws: FormFault.self, "\(json) \(form.words)") { try form.read(json) }
        }
    }

    private static let long = String(repeating: "x", count: 256)

    @Test func `ids`() {
        let longest: JSON = .string(String(Self.long.dropLast()))
        expect(
            .id, takes: ["cus_1", "a-b", longest],
            refuses: ["", "cus.1", "cus 1", "cus_ü", "cus_1\n", .string(Self.long), 5, .null])
        expect(.priceID, takes: ["gold.monthly", "price_1", longest], refuses: ["", "a/b", "a b", .string(Self.long)])
        expect(
            .eventID, takes: ["evt_1", "a b/c?d", "~", longest],
            refuses: ["", "ü", "a\n", "\u{7F}", .string(Self.long)])
        expect(.secretLabel, takes: ["#1", "platform"], refuses: ["", "a b", "ü", .string(Self.long)])
        expect(.idempotencyKey, takes: ["a", longest], refuses: ["", "a b", "schlüssel", .string(Self.long)])
    }

    @Test func `numbers and switches`() {
        expect(.integer(1...100), takes: [1, 100, .number(5)], refuses: [0, 101, -1, "5", .number(1.5), .null, true])
        expect(.integer(-5...5, "small", except: 0), takes: [-5, 5], refuses: [0, -6, 6, "1"])
        expect(.integer, takes: [.integer(.min), .integer(.max)], refuses: [.number(1e300), .number(0.5), "1"])
        expect(.bool, takes: [true, false], refuses: ["true", 1, .null])
        expect(.isTrue, takes: [true], refuses: [false, "true", .null])
        expect(.nullable(.bool), takes: [true, .null], refuses: ["true", 0])
    }

    @Test func `days and months`() {
        var (days, others): ([JSON], [JSON]) = ([], ["", "2026-11-1", "2026-11-26T00:00:00Z", 20_261_126, .null])
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        for year in 1968...2101 {
            for month in 0...13 {
                for day in [0, 1, 9, 10, 19, 20, 28, 29, 30, 31, 32] {
                    let text = "\(year)-\(two(month))-\(two(day))"
                    let isDay = Timestamp(rfc3339: "\(text)T00:00:00Z").map(Timestamp.range.contains) ?? false
                    if isDay { days.append(.string(text)) } else { others.append(.string(text)) }
                }
            }
        }
        expect(.day, takes: days, refuses: others)
        expect(
            .month, takes: ["1970-01", "2026-11", "2099-12"],
            refuses: ["1969-12", "2100-01", "2026-13", "2026-00", "2026-1", "2026-11-01", "", 202611, .null])
        expect(
            .quantities, takes: [[:], ["input": 5, "unit:image": 0]],
            refuses: [["input": "5"], [5], .null, ["a": .null]])
    }

    @Test func `words`() {
        expect(.oneOf(EventsAPI.StatusWord.allCases), takes: ["failed"], refuses: ["Failed", "", 1, .null])
        expect(.oneOf(ReplaysAPI.replayable), takes: ["failed"], refuses: ["pending"])
    }

    @Test func `times`() {
        expect(
            .time, takes: ["2026-11-26T09:00:00Z", "2026-11-26T09:00:00.25+02:00", "0001-01-01T00:00:00Z"],
            refuses: ["2026-11-26", "2026-02-30T00:00:00Z", "now", "", 5, .null])
        expect(
            .moment,
            takes: [
                0, 1_795_478_400, "1795478400", "2026-11-26T09:00:00Z", "1970-01-01T00:00:00Z",
                "2099-12-31T23:59:59Z", "2026-11-26t09:00:00.123456-08:00",
            ],
            refuses: [
                -1, 4_102_444_800, "+5", "05", "1e3", "-1", "1969-12-31T23:59:59Z", "2100-01-01T00:00:00Z",
                "1970-01-01T00:00:00+01:00", "2099-12-31T23:59:59-01:00", "yesterday", "", .number(1.5), true,
            ])
    }

    @Test func `reasons`() {
        expect(
            .reason, takes: ["r", " x ", "support #4711", .string(String(repeating: "x", count: 500))],
            refuses: [
                "", " ", "\u{A0}", "\u{200B}", "\u{301}", "a\nb", "a\u{202E}b", "a\u{0}", "a\u{9B}b",
                .string(String(repeating: "x", count: 501)), 5, .null,
            ])
    }

    @Test func `what a reader misses in an object is named by its place`() {
        let page: JSON = ["has_more": false, "data": [["id": "evt_1"]]]
        let fault = #expect(throws: FormFault.self) { try Object<EventsAPI.Page>(reading: page) }
        #expect(fault?.path == "data[0].type")
        #expect(fault?.isMissing == true)
        #expect(throws: FormFault.self) { try Object<EventsAPI.Page>(reading: []) }
    }

    @Test func `what a newer server adds is no fault, and stays`() throws {
        let json: JSON = [
            "price": "p", "credits": 5, "unit_amount": .null, "operator": "o", "set_at": "2026-11-26T09:00:00Z",
            "more": 1,
        ]
        let price = try Object<PricesAPI.Price>(reading: json)
        #expect(price.credits == 5)
        #expect(price.unitAmount == nil)
        #expect(price.json == json)
    }

    @Test func `what may be left out is, and null is said where it is always there`() {
        let cause = Object<CustomersAPI.Cause> {
            $0.kind = "time"
            $0.event = nil
        }
        #expect(cause.json == ["kind": "time"])
        let decision = Object<CustomersAPI.Decision> {
            $0.allowed = true
            $0.reason = "credits"
            $0.until = nil
            $0.credits = 1
            $0.version = 2
            $0.changedAt = Timestamp(seconds: 0)
        }
        #expect(decision.json.object?["until"] == .null)
    }

    @Test func `amounts and factors`() {
        expect(
            .decimal, takes: ["0", "1000", "0.25", "0.000000000001", "999999999999.999999999999"],
            refuses: [
                "", "-1", "+1", "01", "1.", ".5", "1e3", "1,5", "٣", "0.0000000000001", "1000000000000", " 1", "1\n", 1,
                .number(0.25), .null,
            ])
        expect(
            .factor, takes: ["1", "1.33", "0.0001", "0.10", "0.0010", "999999.9999", "10.0"],
            refuses: ["0", "0.0", "0.0000", "-1", "01", "1.00001", "0.00001", "1000000", "1e1", "٣", "", 2, .null])
    }

    @Test func `names of providers, models and plans`() {
        let longest: JSON = .string(Self.long)
        expect(
            .modelName, takes: ["claude-fable-5-1", "a/b:c", "~", longest],
            refuses: ["", "a b", "ü", "a\n", .string(Self.long + "x"), 5, .null])
        expect(
            .planName, takes: ["pro", "0", "pro-2_eu", .string(String(repeating: "p", count: 64))],
            refuses: ["", "Pro", "-a", "_a", "a.b", "größe", "a\n", .string(String(repeating: "p", count: 65)), .null])
    }

    /// What of it is a rate is known where the book is kept.
    @Test func `the outline of rates`() {
        let schema = Form<[JSON]>.rates.schema
        let validator = SchemaValidator(["components": ["schemas": .object(schema.components)]])
        func fault(_ members: [String: JSON]) -> String? {
            let named: [String: JSON] = ["provider": "a", "model": "m", "effective_at": "2026-01-01T00:00:00Z"]
            let rate = JSON.object(named.merging(members) { $1 })
            #expect((try? Form<[JSON]>.rates.read([rate])) == [rate])
            return validator.fault(of: [rate], schema.json)
        }
        for good in [
            [:], ["input": "0.25", "unit:a.B-c_1": 3, "batch": .number(0.5), "geo": ["us": "1.1"], "speed": [:]],
            ["aliases": ["b"], "tiers": [["above": 200_000, "input": "-0.5", "output": .null]], "output": .null],
            ["aliases": .null, "tiers": .null, "geo": .null],
        ] as [[String: JSON]] { #expect(fault(good) == nil, "\(good)") }
        for bad in [
            ["inputs": "1"], ["unit:": "1"], ["unit:a b": "1"], ["input": "1e3"], ["input": true], ["input": "01"],
            ["provider": "a b"], ["model": ""], ["aliases": ["b", "b"]], ["geo": ["a b": "1"]], ["geo": ["us": []]],
            ["tiers": [["input": "1"]]], ["tiers": [["above": 0]]], ["tiers": [["above": 1, "web_search": "1"]]],
            ["effective_at": "soon"],
        ] as [[String: JSON]] { #expect(fault(bad) != nil, "\(bad)") }
        for bad in [[], .null, ["rates": []], .array(Array(repeating: [:], count: 10_001))] as [JSON] {
            #expect(throws: FormFault.self) { try Form<[JSON]>.rates.read(bad) }
            #expect(validator.fault(of: bad, schema.json) != nil)
        }
    }
}
