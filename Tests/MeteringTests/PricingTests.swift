// SPDX-License-Identifier: Apache-2.0

import Notation
import Testing

@testable import Metering

@Suite struct PricingTests {
    /// Sonnet 4.5's prices, and factors that show where they apply.
    static let sonnet = """
        "model":"m","input":"3","output":"15","cache_write_5m":"3.75","cache_write_1h":"6","cache_read":"0.3",
        "web_search":"10","batch":"0.5","geo":{"us":"1.1"},"speed":{"fast":"6"},
        "tiers":[{"above":200000,"input":"6","output":"22.5","cache_write_5m":"7.5","cache_write_1h":"12",
                  "cache_read":"0.6"},
                 {"above":300000,"input":"9","output":"30","cache_write_5m":"11","cache_write_1h":"18",
                  "cache_read":"0.9"}]
        """

    @Test(arguments: [
        // litellm#9812, langfuse/claude-observability-plugin#34, earendil-works/pi#5738, oh-my-pi#6876.
        (
            "claude-3-7-sonnet",
            #"{"input_tokens":3,"cache_creation_input_tokens":12304,"cache_read_input_tokens":0,"output_tokens":550}"#,
            "0.054399"
        ),
        (
            "claude-fable-5",
            #"{"input_tokens":0,"output_tokens":0,"cache_creation":{"ephemeral_1h_input_tokens":37175}}"#, "0.7435"
        ),
        (
            "claude-opus-4-8",
            """
            {"input_tokens":0,"output_tokens":0,"cache_creation_input_tokens":1000000,
             "cache_creation":{"ephemeral_5m_input_tokens":600000,"ephemeral_1h_input_tokens":400000}}
            """, "7.75"
        ),
        (
            "claude-opus-5",
            #"{"input_tokens":0,"output_tokens":0,"cache_creation":{"ephemeral_1h_input_tokens":344139}}"#, "3.44139"
        ),
    ])
    func `what providers billed is what a call costs`(_ model: String, _ usage: String, _ cost: String) throws {
        let book = Samples.book([
            try Samples.rate(#""model":"claude-3-7-sonnet","input":"3","output":"15","cache_write_5m":"3.75""#),
            try Samples.rate(#""model":"claude-fable-5","input":"10","output":"50","cache_write_1h":"20""#),
            try Samples.rate(
                #""model":"claude-opus-4-8","input":"5","cache_write_5m":"6.25","cache_write_1h":"10""#),
            try Samples.rate(#""model":"claude-opus-5","input":"5","cache_write_1h":"10""#),
        ])
        #expect(try Samples.price(usage, model, by: book).cost.description == cost)
    }

    @Test(arguments: [
        // The tier's threshold is of input and cache together, and is in the lower tier.
        (#"{"input_tokens":200000,"output_tokens":1}"#, "0.600015"),
        (#"{"input_tokens":200001,"output_tokens":1}"#, "1.2000285"),
        (#"{"input_tokens":1,"cache_read_input_tokens":199999,"output_tokens":1}"#, "0.0600177"),
        (#"{"input_tokens":1,"cache_read_input_tokens":200000,"output_tokens":1}"#, "0.1200285"),
        (#"{"input_tokens":1,"cache_creation_input_tokens":200000,"output_tokens":1}"#, "1.5000285"),
        (
            #"{"input_tokens":1,"cache_creation":{"ephemeral_1h_input_tokens":200000},"output_tokens":1}"#,
            "2.4000285"
        ),
        (#"{"input_tokens":300000,"output_tokens":1}"#, "1.8000225"),
        (#"{"input_tokens":300001,"output_tokens":1}"#, "2.700039"),
        (#"{"input_tokens":1,"output_tokens":1000000}"#, "15.000003"),
        // Searches have no tier and no factor.
        (
            """
            {"input_tokens":200001,"output_tokens":0,"server_tool_use":{"web_search_requests":3},
             "service_tier":"batch","inference_geo":"us","speed":"fast"}
            """, "3.9900198"
        ),
        (#"{"input_tokens":10,"output_tokens":0,"inference_geo":"us"}"#, "0.000033"),
        // Free unless the rate has a price of it.
        (#"{"input_tokens":10,"output_tokens":0,"server_tool_use":{"web_fetch_requests":9}}"#, "0.00003"),
        // Each iteration is a request of its own.
        (
            """
            {"input_tokens":0,"output_tokens":0,"iterations":[{"input_tokens":150000,"output_tokens":0},
             {"input_tokens":150000,"output_tokens":0}]}
            """, "0.9"
        ),
    ])
    func `tiers are of the whole request, and factors of tokens`(_ usage: String, _ cost: String) throws {
        let priced = try Samples.price(usage, by: Samples.book([try Samples.rate(Self.sonnet)]))
        #expect(priced.cost.description == cost)
        let sum = try priced.lines.reduce(Dollars.zero) { try $0 + $1.cost }
        #expect(sum == priced.cost)
    }

    @Test func `a line says what it was priced by`() throws {
        let book = Samples.book([
            try Samples.rate(Self.sonnet), try Samples.rate(#""model":"other","input":"1","output":"2""#),
        ])
        let usage = """
            {"input_tokens":7,"output_tokens":0,"inference_geo":"us",
             "iterations":[{"input_tokens":7,"output_tokens":0}]}
            """
        let line = try #require(try Samples.price(usage, by: book, isBatch: true).lines.first)
        #expect(line.pool == .input && line.quantity == 7 && line.rate.description == "3" && line.version == "rate_0")
        #expect(line.factors.mapValues(\.description) == ["batch": "0.5", "geo:us": "1.1"])
        #expect(line.cost.description == "0.00001155")
        let mixed = """
            {"input_tokens":0,"output_tokens":0,"iterations":[{"input_tokens":1,"output_tokens":1},
             {"type":"advisor_message","model":"other","input_tokens":1,"output_tokens":1}]}
            """
        let lines = try Samples.price(mixed, by: book).lines
        #expect(lines.map(\.model) == ["m", "m", "other", "other"])
        #expect(lines.map(\.cost.description) == ["0.000003", "0.000015", "0.000001", "0.000002"])
    }

    @Test(arguments: [
        (#""model":"m","input":"1""#, #"{"input_tokens":1,"output_tokens":1}"#, UsageFault.Reason.price, "output"),
        (#""model":"m","input":"0""#, #"{"input_tokens":1,"output_tokens":0}"#, .price, "input that is not positive"),
        (#""model":"m","input":"-1""#, #"{"input_tokens":1,"output_tokens":0}"#, .price, "input that is not positive"),
        (#""model":"m","input":"1""#, #"{"input_tokens":1,"output_tokens":0,"service_tier":"batch"}"#, .price, "batch"),
        (
            #""model":"m","input":"1""#, #"{"input_tokens":1,"output_tokens":0,"inference_geo":"eu"}"#, .price,
            "geo \"eu\""
        ),
        (
            #""model":"m","input":"1""#, #"{"input_tokens":1,"output_tokens":0,"speed":"fast"}"#, .price,
            "speed \"fast\""
        ),
        (#""model":"M","input":"1""#, #"{"input_tokens":1,"output_tokens":0}"#, .rate, "no rate"),
        (
            #""model":"m","provider":"openai","input":"1""#, #"{"input_tokens":1,"output_tokens":0}"#, .rate, "no rate"
        ),
        (
            #""model":"m","input":"9000000000000","batch":"1000000""#,
            #"{"input_tokens":1000000000000,"output_tokens":0,"service_tier":"batch"}"#, .amount, "more than is counted"
        ),
    ])
    func `what has no price is never free`(
        _ rate: String, _ usage: String, _ reason: UsageFault.Reason, _ words: String
    ) throws {
        let book = Samples.book([try Samples.rate(rate)])
        let fault = try #require(throws: UsageFault.self) { try Samples.price(usage, by: book) }
        #expect(fault.reason == reason)
        #expect(fault.description.contains(words), "\(fault)")
    }

    @Test func `what was not used needs no price`() throws {
        let book = Samples.book([try Samples.rate(#""model":"m","input":"1""#)])
        let usage = #"{"input_tokens":1,"output_tokens":0,"cache_read_input_tokens":0}"#
        #expect(try Samples.price(usage, by: book).lines.count == 1)
        #expect(try book.price(UsageReading(), provider: "x", at: Samples.start) == PricedUsage())
    }
}
