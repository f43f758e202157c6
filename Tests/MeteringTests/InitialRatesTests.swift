// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Notation
import Schema
import Testing

@testable import Metering

/// The rates that ship with the program.
@Suite struct InitialRatesTests {
    private static func draft() throws -> RateDraft {
        let sql = try #require(Schema.migrations.first { $0.name.hasSuffix("_rates") }).sql
        let parts = sql.components(separatedBy: "$rates$")
        return try RateDraft(tollgate: Samples.json(try #require(parts.count == 3 ? parts[1] : nil)))
    }

    private static func book() throws -> RateBook { Samples.book(try Self.draft().rates) }

    private static func cost(_ usage: String, _ model: String, _ time: String) throws -> String {
        let instant = try #require(Timestamp(rfc3339: time))
        return try Samples.price(usage, model, by: try book(), at: instant).cost.description
    }

    @Test func `there is nothing to point out`() throws {
        let draft = try Self.draft()
        #expect(draft.rates.count > 20)
        #expect(draft.lint(after: RateBook([])) == [])
        // Each after those before it.
        for index in draft.rates.indices {
            let findings = try RateDraft([draft.rates[index]]).lint(after: Samples.book(Array(draft.rates[..<index])))
            #expect(findings == [])
        }
    }

    @Test func `every rate has all pools of tokens, and the factor of a batch`() throws {
        for rate in try Self.draft().rates {
            #expect(Set(rate.prices.keys).isSuperset(of: Pool.tokens), "\(rate.model)")
            #expect(rate.batch?.description == "0.5", "\(rate.model)")
        }
    }

    /// 1 token of each pool as millions: input, output, 5 minutes, 1 hour, read.
    @Test(arguments: [
        ("claude-fable-5-1", "92.75"), ("claude-mythos-5-1", "92.75"), ("claude-fable-5", "93.5"),
        ("claude-opus-5-5", "37.2"), ("claude-opus-5", "46.75"), ("claude-opus-4-5", "46.75"),
        ("claude-opus-4-1-20250805", "140.25"), ("claude-opus-4", "140.25"), ("claude-sonnet-5-5", "18.6"),
        ("claude-sonnet-5", "18.7"), ("claude-sonnet-4-20250514", "28.05"), ("claude-haiku-5-5", "0.935"),
        ("claude-haiku-4-5", "9.35"), ("claude-3-5-haiku-latest", "7.48"), ("claude-3-haiku-20240307", "2.33"),
    ])
    func `the models of the price table have its prices`(_ model: String, _ sum: String) throws {
        let usage = """
            {"input_tokens":1,"output_tokens":1,"cache_read_input_tokens":1,
             "cache_creation":{"ephemeral_5m_input_tokens":1,"ephemeral_1h_input_tokens":1}}
            """
        let cost = try Self.cost(usage, model, "2026-11-26T00:00:00Z")
        #expect(DecimalNumber(cost)?.shifted(by: 6).description == sum)
    }

    @Test(arguments: [
        (
            "claude-3-7-sonnet-20250219",
            #"{"input_tokens":3,"cache_creation_input_tokens":12304,"cache_read_input_tokens":0,"output_tokens":550}"#,
            "2026-11-26T00:00:00Z", "0.054399"
        ),
        (
            "claude-fable-5",
            #"{"input_tokens":0,"output_tokens":0,"cache_creation":{"ephemeral_1h_input_tokens":37175}}"#,
            "2026-11-26T00:00:00Z", "0.7435"
        ),
        (
            "claude-opus-4-8",
            """
            {"input_tokens":0,"output_tokens":0,
             "cache_creation":{"ephemeral_5m_input_tokens":600000,"ephemeral_1h_input_tokens":400000}}
            """, "2026-11-26T00:00:00Z", "7.75"
        ),
        (
            "claude-opus-5",
            #"{"input_tokens":0,"output_tokens":0,"cache_creation":{"ephemeral_1h_input_tokens":344139}}"#,
            "2026-11-26T00:00:00Z", "3.44139"
        ),
        // A price's instant, on both sides.
        (
            "claude-sonnet-5-5", #"{"input_tokens":0,"output_tokens":0,"cache_read_input_tokens":10}"#,
            "2026-10-06T23:59:59.999999Z", "0.000002"
        ),
        (
            "claude-sonnet-5-5", #"{"input_tokens":0,"output_tokens":0,"cache_read_input_tokens":10}"#,
            "2026-10-07T00:00:00Z", "0.000001"
        ),
        ("claude-opus-4-6", #"{"input_tokens":200001,"output_tokens":0}"#, "2026-03-12T23:59:59.999999Z", "2.00001"),
        ("claude-opus-4-6", #"{"input_tokens":200001,"output_tokens":0}"#, "2026-03-13T00:00:00Z", "1.000005"),
        // Five times for every token of a prompt above 100,000.
        ("claude-haiku-5-5", #"{"input_tokens":100000,"output_tokens":1}"#, "2026-11-26T00:00:00Z", "0.0100005"),
        ("claude-haiku-5-5", #"{"input_tokens":100001,"output_tokens":1}"#, "2026-11-26T00:00:00Z", "0.050003"),
        (
            "claude-opus-4-7", #"{"input_tokens":1,"output_tokens":0,"inference_geo":"us","speed":"fast"}"#,
            "2026-11-26T00:00:00Z", "0.000033"
        ),
    ])
    func `what providers billed is what they price`(
        _ model: String, _ usage: String, _ time: String, _ cost: String
    ) throws {
        #expect(try Self.cost(usage, model, time) == cost)
    }

    @Test func `the file that docs/usage.md shows is a draft, and its estimate is what is shown`() throws {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let page = try String(contentsOfFile: "/\(root)/docs/usage.md", encoding: .utf8)
        let blocks = page.components(separatedBy: "```json\n").dropFirst().compactMap {
            $0.components(separatedBy: "```").first
        }
        let draft = try RateDraft(tollgate: Samples.json(try #require(blocks.first)))
        #expect(draft.lint(after: RateBook([])) == [])
        let estimate = try Samples.book(draft.rates).estimate(
            EstimateRequest(
                provider: "anthropic", model: "claude-fable-5-1", inputTokens: 120_000, maxOutputTokens: 4000),
            at: Samples.start, plan: .standard, month: MonthToDate(),
            creditValue: ChargePolicy.standard.creditValue, spendable: 1400,
            thresholds: ChargePolicy.standard.thresholds)
        let shown = try #require(try blocks.map(Samples.json).first { $0["warning"] != nil })
        #expect(shown["cost"]?.string == estimate.cost.description && shown["charge"] == shown["cost"])
        #expect(shown["credits"]?.integer == estimate.credits && shown["enough"] == .bool(estimate.isEnough))
        #expect(shown["warning"]?.string == estimate.warning?.rawValue)
    }
}
