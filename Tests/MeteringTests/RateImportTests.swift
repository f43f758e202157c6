// SPDX-License-Identifier: Apache-2.0

import Notation
import Testing

@testable import Metering

@Suite struct RateImportTests {
    private static let liteLLM = """
        {"sample_spec":{"litellm_provider":"one of …","mode":"one of: chat, …","input_cost_per_token":0},
         "claude-sonnet-4-5":{"litellm_provider":"anthropic","mode":"chat","input_cost_per_token":3e-06,
          "output_cost_per_token":1.5e-05,"cache_creation_input_token_cost":3.75e-06,
          "cache_creation_input_token_cost_above_1hr":6e-06,"cache_read_input_token_cost":3e-07,
          "input_cost_per_token_above_200k_tokens":6e-06,"output_cost_per_token_above_200k_tokens":2.25e-05,
          "cache_creation_input_token_cost_above_200k_tokens":7.5e-06,
          "cache_creation_input_token_cost_above_1hr_above_200k_tokens":1.2e-05,
          "cache_read_input_token_cost_above_200k_tokens":6e-07,"provider_specific_entry":{"us":1.1,"fast":6},
          "search_context_cost_per_query":{"search_context_size_low":0.01,"search_context_size_medium":0.01}},
         "openai/gpt":{"litellm_provider":"openai","mode":"responses","input_cost_per_token":1.25e-06,
          "output_cost_per_token":1e-05,"cache_read_input_token_cost":1.25e-07,
          "input_cost_per_token_batches":6.25e-07,"output_cost_per_token_batches":5e-06},
         "odd":{"litellm_provider":"openai","mode":"chat","input_cost_per_token":3e-06,"output_cost_per_token":3e-06,
          "input_cost_per_token_batches":1e-06,"output_cost_per_token_batches":1e-06},
         "uneven":{"litellm_provider":"openai","mode":"chat","input_cost_per_token":4e-06,"output_cost_per_token":4e-06,
          "input_cost_per_token_batches":1e-06,"output_cost_per_token_batches":2e-06},
         "half":{"litellm_provider":"openai","mode":"chat","input_cost_per_token":4e-06,"output_cost_per_token":4e-06,
          "input_cost_per_token_above_128k_tokens":1e-06},
         "fine":{"litellm_provider":"openai","mode":"chat","input_cost_per_token":1.5e-13},
         "gpt":{"litellm_provider":"openai","mode":"chat","input_cost_per_token":9e-06},
         "free":{"litellm_provider":"openai","mode":"chat"},
         "picture":{"litellm_provider":"openai","mode":"image_generation","input_cost_per_pixel":1e-08}}
        """

    @Test func `LiteLLM's prices of a token are read, and what cannot be charged exactly is left out`() throws {
        let read = try RateImport(liteLLM: try Samples.json(Self.liteLLM), effectiveAt: Samples.start)
        let start = Samples.start.description
        let expected = """
            {"rates":[
             {"provider":"anthropic","model":"claude-sonnet-4-5","effective_at":"\(start)","input":"3","output":"15",
              "cache_write_5m":"3.75","cache_write_1h":"6","cache_read":"0.3","web_search":"10",
              "geo":{"us":"1.1"},"speed":{"fast":"6"},"tiers":[{"above":200000,"input":"6","output":"22.5",
              "cache_write_5m":"7.5","cache_write_1h":"12","cache_read":"0.6"}]},
             {"provider":"openai","model":"gpt","effective_at":"\(start)","input":"9"}]}
            """
        // In the order of the file's names: "gpt" comes before "openai/gpt", which has the same name.
        #expect(try RateDraft(read.rates).json == (try Samples.json(expected)))
        #expect(
            read.skipped.map(\.description) == [
                "\"fine\".input is beyond what is charged exactly: \"0.00000015\": give it at most 6 decimals",
                "\"free\" has no price of a token",
                "\"half\".tiers[0].output is missing: a tier names the price of each pool of tokens",
                "\"odd\".input_cost_per_token_batches is no factor of input_cost_per_token: 1e-06",
                "\"openai/gpt\" has a name that was read before: \"gpt\"",
                "\"uneven\" has batch prices of several factors",
            ])
    }

    @Test func `a batch's factor is made of LiteLLM's prices of batches`() throws {
        guard case .object(var models) = try Samples.json(Self.liteLLM) else { return }
        models["gpt"] = nil
        let read = try RateImport(liteLLM: .object(models), effectiveAt: Samples.start)
        let gpt = try #require(read.rates.first { $0.model == "gpt" })
        #expect(gpt.batch?.description == "0.5")
        #expect(gpt.prices[.cacheRead]?.picodollars == 125_000)
    }

    private static let genAIPrices = """
        [{"id":"anthropic","models":[
          {"id":"claude-sonnet-4-6","match":{"or":[{"starts_with":"claude-sonnet-4-6"},{"equals":"claude-sonnet-4.6"},
            {"equals":"claude-sonnet-4-6"}]},"prices":[
            {"prices":{"input_mtok":{"base":3,"tiers":[{"start":200000,"price":6}]},
                       "output_mtok":{"base":15,"tiers":[{"start":200000,"price":22.5}]}}},
            {"constraint":{"start_date":"2026-03-13"},"prices":{"input_mtok":3,"output_mtok":15,"cache_write_mtok":3.75,
             "cache_write_1h_mtok":6,"cache_read_mtok":0.3,"web_searches_kcount":10,"input_audio_mtok":9}}]},
          {"id":"night","match":{"equals":"night"},"prices":[
            {"constraint":{"start_date":"2026-01-01","start_time":"00:30:00Z"},"prices":{"input_mtok":1}}]},
          {"id":"asked","match":{"equals":"asked"},"prices":{"input_mtok":1,"requests_kcount":5}},
          {"id":"uneven","prices":{"input_mtok":{"base":3,"tiers":[{"start":9,"price":6}]},"output_mtok":1}}]}]
        """

    private static func genAI(from time: String) throws -> RateImport {
        try RateImport(
            genAIPrices: try Samples.json(genAIPrices), effectiveAt: try #require(Timestamp(rfc3339: time)))
    }

    @Test func `the dated prices of genai-prices hold from their dates`() throws {
        let before = try Self.genAI(from: "2026-03-12T00:00:00Z")
        let expected = """
            {"rates":[
             {"provider":"anthropic","model":"claude-sonnet-4-6","aliases":["claude-sonnet-4.6"],
              "effective_at":"2026-03-12T00:00:00Z","input":"3","output":"15",
              "tiers":[{"above":200000,"input":"6","output":"22.5"}]},
             {"provider":"anthropic","model":"claude-sonnet-4-6","aliases":["claude-sonnet-4.6"],
              "effective_at":"2026-03-13T00:00:00Z","input":"3","output":"15","cache_write_5m":"3.75",
              "cache_write_1h":"6","cache_read":"0.3","web_search":"10"}]}
            """
        #expect(try RateDraft(before.rates).json == (try Samples.json(expected)))
        let after = try Self.genAI(from: "2026-05-01T00:00:00Z")
        #expect(after.rates.count == 1 && after.rates[0].tiers.isEmpty)
        #expect(after.rates[0].effectiveAt.description == "2026-05-01T00:00:00Z")
        #expect(
            after.skipped.map(\.description) == [
                "[0].models[1].prices has a condition other than a date",
                "[0].models[2].prices.requests_kcount is a price that no pool has: 5",
                "[0].models[3].tiers[0].output is missing: a tier names the price of each pool of tokens",
            ])
    }

    @Test func `another file is refused`() throws {
        #expect(throws: FieldError.self) { try RateImport(liteLLM: "x", effectiveAt: Samples.start) }
        #expect(throws: FieldError.self) { try RateImport(genAIPrices: [:], effectiveAt: Samples.start) }
    }
}
