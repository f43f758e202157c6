// SPDX-License-Identifier: Apache-2.0

import Notation
import Testing

@testable import Metering

@Suite struct RateDraftTests {
    @Test func `a draft reads as it is written`() throws {
        let rate = try Samples.rate(PricingTests.sonnet)
        let fine = try Samples.rate(
            #""model":"n","aliases":["o"],"input":"0.000001","unit:image":0.04,"batch":"0.0001","geo":{"us":"1.0001"}"#)
        let draft = try RateDraft([rate, fine])
        #expect(try RateDraft(tollgate: draft.json) == draft)
        #expect(draft.json.at("rates")?[0]?["web_search"] == "10")
        #expect(draft.json.at("rates")?[1]?["unit:image"] == "0.04")
    }

    @Test(arguments: [
        (#"{"rates":[]}"#, "rates has no rate"), (#"{"rates":{}}"#, "rates is no list"),
        ("[]", "the body is no object"),
        (#"{"rate":[]}"#, "rate is no field here"),
        (
            """
            {"rates":[{"provider":"a","model":"m","effective_at":"2026-01-01T00:00:00Z"},
                      {"provider":"a","model":"n","effective_at":"2026-01-01T00:00:00Z","aliases":["m"]}]}
            """, "rates[1] names a model that another rate"
        ),
    ])
    func `a file that is no draft is refused`(_ text: String, _ words: String) throws {
        let error = try #require(throws: FieldError.self) { try RateDraft(tollgate: try Samples.json(text)) }
        #expect(error.description.hasPrefix(words), "\(error)")
    }

    private static let former = """
        "model":"m","input":"3","output":"15","cache_write_5m":"3.75","cache_write_1h":"6","cache_read":"0.3",
        "web_search":"10","tiers":[{"above":9,"input":"6","output":"22.5","cache_write_5m":"7.5","cache_write_1h":"12",
        "cache_read":"0.6"}]
        """

    /// What is changed of the former rate, and what that is found to be.
    @Test(arguments: [
        (#""input":"3.5""#, []), (#""cache_write_1h":"3.749999""#, ["cache_write_1h_below_5m cache_write_1h"]),
        (#""cache_read":"3.01""#, ["cache_read_above_input cache_read"]), (#""cache_read":"3""#, []),
        (#""cache_read":"0.025""#, ["outlier cache_read", "outlier cache_read 9"]),
        (#""cache_read":"0.05""#, ["outlier cache_read 9"]), (#""cache_read":"0.051""#, []),
        (#""output":"0""#, ["zero output"]), (#""output":"-15""#, ["negative output"]),
        (#""output":"36""#, ["outlier output"]), (#""output":"35.9""#, []),
        (#""cache_write_1h":"72""#, ["outlier cache_write_1h"]),
        (#""web_search":"120""#, ["outlier web_search"]), (#""web_search":"0.8""#, ["outlier web_search"]),
        (
            """
            "tiers":[{"above":9,"input":"36","output":"22.5","cache_write_5m":"7.5","cache_write_1h":"7",
                      "cache_read":"1"}]
            """,
            ["outlier input 9", "cache_write_1h_below_5m cache_write_1h 9"]
        ),
    ])
    func `what is probably wrong is pointed out`(_ change: String, _ findings: [String]) throws {
        guard case .object(let changed) = try Samples.json("{\(change)}"),
            case .object(let base) = try Samples.rate(Self.former).json
        else { return }
        let rate = try Rate(.object(base.merging(changed) { $1 }), at: "")
        let found = try RateDraft([rate]).lint(after: Samples.book([try Samples.rate(Self.former)]))
        let words = found.map { finding in
            ([finding.kind.rawValue] + [finding.pool?.name, finding.tierAbove.map { "\($0)" }].compactMap(\.self))
                .joined(separator: " ")
        }
        #expect(words == findings)
    }

    @Test func `a price twelve times the input's is an outlier without a former rate too`() throws {
        // As LiteLLM has it of claude-3-haiku.
        let haiku = try RateDraft([
            try Samples.rate(
                #""model":"m","input":"0.25","cache_write_5m":"0.3","cache_write_1h":"6","cache_read":"0.006""#)
        ])
        #expect(haiku.lint(after: RateBook([])).map(\.pool) == [.cacheWrite1h])
    }

    @Test func `a model that is used and has no rate is missing`() throws {
        let draft = try RateDraft([try Samples.rate(#""model":"a","aliases":["b"],"input":"1""#)])
        let book = Samples.book([try Samples.rate(#""model":"c","input":"1""#)])
        let used = ["a", "b", "c", "d"].map { (provider: "anthropic", model: $0) } + [(provider: "openai", model: "a")]
        let found = draft.lint(after: book, used: used)
        #expect(found.map { "\($0.kind) \($0.provider) \($0.model)" } == ["missing anthropic d", "missing openai a"])
    }

    @Test func `the changes are those of each field at the rate's instant`() throws {
        let later = Timestamp(seconds: Samples.start.seconds + Samples.day)
        let book = Samples.book([
            try Samples.rate(#""model":"m","input":"1","output":"2","batch":"0.5""#),
            try Samples.rate(#""model":"m","input":"9""#, at: Timestamp(seconds: later.seconds + 1)),
        ])
        let draft = try RateDraft([
            try Samples.rate(#""model":"m","input":"1.0","output":"3","cache_read":"0.1""#, at: later),
            try Samples.rate(#""model":"n","input":"4""#, at: later),
        ])
        let changes = draft.changes(from: book).map { change in
            "\(change.model) \(change.field) \(change.before?.string ?? "-") \(change.after?.string ?? "-")"
        }
        #expect(changes == ["m batch 0.5 -", "m cache_read - 0.1", "m output 2 3", "n input - 4"])
    }
}
