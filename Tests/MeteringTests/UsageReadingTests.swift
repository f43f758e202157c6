// SPDX-License-Identifier: Apache-2.0

import Notation
import Testing

@testable import Metering

@Suite struct UsageReadingTests {
    /// What one usage object is read as: a line for each portion, `model: pool=quantity …`.
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        var dialect = UsageRecord.Dialect.anthropic
        var status = UsageRecord.Status.ok
        let usage: String
        let portions: [String]
        var marks: Set<UsageReading.Mark> = []
        var testDescription: String { name }
    }

    static func record(
        _ dialect: UsageRecord.Dialect, _ usage: String?, _ status: UsageRecord.Status = .ok, isBatch: Bool = false
    ) throws -> UsageRecord {
        UsageRecord(
            provider: "anthropic", dialect: dialect, model: "m",
            usage: try usage.map { try JSON(bytes: Array($0.utf8)) }, isBatch: isBatch, status: status)
    }

    static func words(_ portion: Portion) -> String {
        var words = portion.quantities.sorted { $0.key < $1.key }.map { "\($0.key.name)=\($0.value)" }
        words += portion.serverTools.sorted { $0.key < $1.key }.map { "(\($0.key.name)=\($0.value))" }
        if portion.isBatch { words.append("batch") }
        words += [portion.geo.map { "geo=\($0)" }, portion.speed.map { "speed=\($0)" }].compactMap(\.self)
        if let tier = portion.serviceTier { words.append("tier=\(tier)") }
        return "\(portion.model): \(words.joined(separator: " "))"
    }

    private static let full = """
        {"input_tokens": 3, "cache_creation_input_tokens": 30, "cache_read_input_tokens": 7, "output_tokens": 5,
         "cache_creation": {"ephemeral_5m_input_tokens": 10, "ephemeral_1h_input_tokens": 20},
         "server_tool_use": {"web_search_requests": 2, "web_fetch_requests": 1}}
        """

    static let anthropic = [
        Row(
            name: "cache outside the input, with its split", usage: full,
            portions: [
                "m: input=3 output=5 cache_write_5m=10 cache_write_1h=20 cache_read=7 web_search=2 (unit:web_fetch=1)"
            ]),
        Row(
            name: "no split", usage: #"{"input_tokens":3,"cache_creation_input_tokens":30,"output_tokens":5}"#,
            portions: ["m: input=3 output=5 cache_write_5m=30"], marks: [.cacheWritesTakenAs5m]),
        Row(
            name: "no split, and nothing to split",
            usage: #"{"input_tokens":3,"cache_creation_input_tokens":0,"cache_creation":{},"output_tokens":5}"#,
            portions: ["m: input=3 output=5 cache_write_5m=0"]),
        Row(
            name: "half a split",
            usage: """
                {"input_tokens":3,"cache_creation_input_tokens":9,"output_tokens":5,
                 "cache_creation":{"ephemeral_5m_input_tokens":null,"ephemeral_1h_input_tokens":9}}
                """, portions: ["m: input=3 output=5 cache_write_1h=9"]),
        Row(
            name: "null is not 0",
            usage: """
                {"input_tokens":3,"cache_creation_input_tokens":null,"cache_read_input_tokens":null,"output_tokens":5,
                 "cache_creation":null,"server_tool_use":null,"service_tier":null,"inference_geo":null,"speed":null,
                 "iterations":null}
                """, portions: ["m: input=3 output=5"]),
        Row(
            name: "thinking is inside the output",
            usage: #"{"input_tokens":3,"output_tokens":5,"output_tokens_details":{"thinking_tokens":5}}"#,
            portions: ["m: input=3 output=5"]),
        Row(
            name: "conditions",
            usage: """
                {"input_tokens":3,"output_tokens":5,"service_tier":"batch","inference_geo":"us","speed":"fast"}
                """, portions: ["m: input=3 output=5 batch geo=us speed=fast tier=batch"]),
        Row(
            name: "conditions that change nothing",
            usage: """
                {"input_tokens":3,"output_tokens":5,"service_tier":"priority","inference_geo":"global",
                 "speed":"standard"}
                """, portions: ["m: input=3 output=5 tier=priority"]),
        Row(
            name: "iterations of several models",
            usage: """
                {"input_tokens":23000,"output_tokens":1000,"server_tool_use":{"web_search_requests":1},"iterations":[
                 {"type":"compaction","input_tokens":180000,"output_tokens":3500},
                 {"type":"message","input_tokens":23000,"output_tokens":1000,"cache_creation_input_tokens":4},
                 {"type":"advisor_message","model":"other","input_tokens":8,"output_tokens":9}]}
                """,
            portions: [
                "m: input=180000 output=3500", "m: input=23000 output=1000 cache_write_5m=4",
                "other: input=8 output=9", "m: web_search=1",
            ], marks: [.cacheWritesTakenAs5m]),
        Row(
            name: "an empty list of iterations", usage: #"{"input_tokens":3,"output_tokens":5,"iterations":[]}"#,
            portions: ["m: input=3 output=5"]),
    ]

    static let others = [
        Row(
            name: "chat", dialect: .openai,
            usage: """
                {"prompt_tokens":100,"completion_tokens":20,"total_tokens":120,
                 "prompt_tokens_details":{"cached_tokens":60,"cache_write_tokens":10,"audio_tokens":0},
                 "completion_tokens_details":{"reasoning_tokens":20,"audio_tokens":0}}
                """, portions: ["m: input=30 output=20 cache_write_5m=10 cache_read=60"]),
        Row(
            name: "responses", dialect: .openai,
            usage: """
                {"input_tokens":100,"output_tokens":20,"total_tokens":120,"input_tokens_details":{"cached_tokens":100},
                 "output_tokens_details":{"reasoning_tokens":7}}
                """, portions: ["m: input=0 output=20 cache_read=100"]),
        Row(
            name: "chat without details", dialect: .openai,
            usage: """
                {"prompt_tokens":100,"completion_tokens":20,"prompt_tokens_details":null}
                """, portions: ["m: input=100 output=20"]),
        Row(
            name: "pools by name", dialect: .tokens,
            usage: #"{"input":1,"cache_write_1h":2,"unit:image":3,"web_search":0,"output":null}"#,
            portions: ["m: input=1 cache_write_1h=2 web_search=0 unit:image=3"]),
        Row(
            name: "a failed call has its prompt", status: .failed, usage: full,
            portions: ["m: input=3 cache_write_5m=10 cache_write_1h=20 cache_read=7"]),
        Row(
            name: "a failed call without output", status: .failed, usage: #"{"input_tokens":3}"#,
            portions: ["m: input=3"]),
        Row(
            name: "a failed call of units", dialect: .tokens, status: .failed, usage: #"{"unit:outcome":1}"#,
            portions: []),
        Row(
            name: "a refusal before any output", status: .refused, usage: #"{"input_tokens":3,"output_tokens":0}"#,
            portions: []),
        Row(
            name: "a refusal after some output", status: .refused, usage: #"{"input_tokens":3,"output_tokens":1}"#,
            portions: ["m: input=3 output=1"]),
        Row(
            name: "an aborted call", status: .aborted, usage: #"{"input_tokens":3,"output_tokens":1}"#,
            portions: ["m: input=3 output=1"]),
    ]

    @Test(arguments: anthropic + others) func `a usage object is read into pools`(_ row: Row) throws {
        let reading = try Self.record(row.dialect, row.usage, row.status).read()
        #expect(reading.portions.map(Self.words) == row.portions)
        #expect(reading.marks == row.marks)
    }

    @Test func `without a usage object only what failed or was refused is known to cost nothing`() throws {
        #expect(try Self.record(.anthropic, nil, .failed).read() == UsageReading())
        #expect(try Self.record(.anthropic, "null", .refused).read() == UsageReading())
        #expect(throws: UsageFault.self) { try Self.record(.anthropic, nil).read() }
        #expect(throws: UsageFault.self) { try Self.record(.anthropic, "null", .aborted).read() }
    }

    @Test func `a failed call costs nothing if the operator says so`() throws {
        #expect(try Self.record(.anthropic, Self.full, .failed).read(failedCalls: .none) == UsageReading())
        #expect(try Self.record(.anthropic, Self.full, .ok).read(failedCalls: .none) != UsageReading())
    }

    @Test func `a batch is one by the record or by its tier, and never against its tier`() throws {
        let plain = #"{"input_tokens":3,"output_tokens":5}"#
        #expect(try Self.record(.anthropic, plain, isBatch: true).read().portions.first?.isBatch == true)
        let chat = #"{"prompt_tokens":3,"completion_tokens":5}"#
        #expect(try Self.record(.openai, chat, isBatch: true).read().portions.first?.isBatch == true)
        #expect(try Self.record(.tokens, #"{"input":1}"#, isBatch: true).read().portions.first?.isBatch == true)
        let standard = #"{"input_tokens":3,"output_tokens":5,"service_tier":"standard"}"#
        #expect(throws: UsageFault.self) { try Self.record(.anthropic, standard, isBatch: true).read() }
    }

    /// Dialect, usage object, and the field that is named.
    static let faults: [(UsageRecord.Dialect, String, String)] = [
        (.anthropic, #"{"input_tokens":-1,"output_tokens":5}"#, "usage.input_tokens is negative: -1"),
        (.anthropic, #"{"input_tokens":1.5,"output_tokens":5}"#, "usage.input_tokens is no whole number: 1.5"),
        (.anthropic, #"{"input_tokens":"3","output_tokens":5}"#, "usage.input_tokens is no whole number: \"3\""),
        (.anthropic, #"{"input_tokens":1e30,"output_tokens":5}"#, "usage.input_tokens is no whole number: 1e+30"),
        (
            .anthropic, #"{"input_tokens":1000000000001,"output_tokens":5}"#,
            "usage.input_tokens is more than any call uses"
        ),
        (.anthropic, #"{"input_tokens":null,"output_tokens":5}"#, "usage.input_tokens is missing"),
        (.anthropic, #"{"input_tokens":3}"#, "usage.output_tokens is missing"),
        (.anthropic, "[]", "usage is no object"),
        (
            .anthropic,
            """
            {"input_tokens":3,"output_tokens":5,"cache_creation_input_tokens":9,
             "cache_creation":{"ephemeral_5m_input_tokens":4,"ephemeral_1h_input_tokens":4}}
            """, "usage.cache_creation_input_tokens is not the sum"
        ),
        (
            .anthropic, #"{"input_tokens":3,"output_tokens":5,"output_tokens_details":{"thinking_tokens":6}}"#,
            "usage.output_tokens_details.thinking_tokens is more than output_tokens"
        ),
        (.anthropic, #"{"input_tokens":3,"output_tokens":5,"service_tier":"flex"}"#, "usage.service_tier is a tier"),
        (.anthropic, #"{"input_tokens":3,"output_tokens":5,"speed":2}"#, "usage.speed is no text: 2"),
        (
            .anthropic, #"{"prompt_tokens":3,"completion_tokens":5}"#,
            "usage.prompt_tokens is a field of another dialect"
        ),
        (
            .anthropic, #"{"input_tokens":3,"output_tokens":5,"server_tool_use":{"web_search_requests":-2}}"#,
            "usage.server_tool_use.web_search_requests is negative: -2"
        ),
        (
            .anthropic, #"{"input_tokens":9,"output_tokens":5,"iterations":[{"input_tokens":8,"output_tokens":5}]}"#,
            "usage.input_tokens is more than the sum of the iterations"
        ),
        (
            .anthropic,
            """
            {"input_tokens":1,"output_tokens":1,
             "iterations":[{"type":"advisor_message","input_tokens":8,"output_tokens":5}]}
            """, "usage.iterations[0].model is missing"
        ),
        (.anthropic, #"{"input_tokens":1,"output_tokens":1,"iterations":[3]}"#, "usage.iterations[0] is no object: 3"),
        (.anthropic, #"{"input_tokens":1,"output_tokens":1,"iterations":{}}"#, "usage.iterations is no list"),
        (
            .openai, #"{"prompt_tokens":9,"completion_tokens":1,"prompt_tokens_details":{"cached_tokens":10}}"#,
            "usage.prompt_tokens_details has more cached tokens than prompt_tokens"
        ),
        (
            .openai,
            """
            {"input_tokens":9,"output_tokens":1,"input_tokens_details":{"cached_tokens":5,"cache_write_tokens":5}}
            """, "usage.input_tokens_details has more cached tokens than input_tokens"
        ),
        (
            .openai, #"{"prompt_tokens":9,"completion_tokens":1,"completion_tokens_details":{"reasoning_tokens":2}}"#,
            "usage.completion_tokens_details.reasoning_tokens is more than completion_tokens"
        ),
        (.openai, #"{"prompt_tokens":9,"completion_tokens":1,"total_tokens":11}"#, "usage.total_tokens is not the sum"),
        (.openai, #"{"prompt_tokens":9,"input_tokens":9}"#, "usage.input_tokens is beside prompt_tokens"),
        (
            .openai, #"{"prompt_tokens":9,"completion_tokens":1,"prompt_tokens_details":{"audio_tokens":2}}"#,
            "usage.prompt_tokens_details.audio_tokens have no price"
        ),
        (
            .openai, #"{"input_tokens":9,"output_tokens":1,"cache_read_input_tokens":2}"#,
            "usage.cache_read_input_tokens is a field of another dialect"
        ),
        (.openai, "{}", "usage.input_tokens is missing"),
        (.tokens, #"{"inputs":1}"#, "usage.inputs is no pool: 1"),
        (.tokens, #"{"unit:":1}"#, "usage.unit: is no pool: 1"),
        (.tokens, #"{"unit:a b":1}"#, "usage.unit:a b is no pool: 1"),
        (.tokens, #"{"input":null}"#, "usage names no pool"),
        (.tokens, #"{"input":-1}"#, "usage.input is negative: -1"),
    ]

    @Test(arguments: faults)
    func `numbers that cannot be right are refused, and never clamped`(
        _ dialect: UsageRecord.Dialect, _ usage: String, _ words: String
    ) throws {
        let fault = try #require(throws: UsageFault.self) { try Self.record(dialect, usage).read() }
        #expect(fault.description.hasPrefix(words), "\(fault)")
        #expect(fault.reason == .usage)
        // A refused call's numbers are checked too, though they cost nothing.
        #expect(throws: UsageFault.self) { try Self.record(dialect, usage, .refused).read() }
    }

    @Test func `each pool has one name`() {
        let pools = Pool.tokens + [.webSearch, .unit("image")]
        #expect(pools.map(\.name).compactMap(Pool.init) == pools)
        #expect(pools == pools.sorted())
        #expect(Pool("unit:" + String(repeating: "a", count: 65)) == nil)
    }
}
