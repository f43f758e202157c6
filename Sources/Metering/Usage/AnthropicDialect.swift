// SPDX-License-Identifier: Apache-2.0

import Notation

/// The usage object of Anthropic's messages: cached tokens are outside `input_tokens`, thinking is inside
/// `output_tokens`.
enum AnthropicDialect {
    /// The SDK's agents make fewer in one call.
    private static let iterationLimit = 1_000

    static func read(_ usage: UsageFields, of record: UsageRecord) throws(UsageFault) -> UsageReading {
        try usage.refuse(
            ["prompt_tokens", "completion_tokens", "prompt_tokens_details", "input_tokens_details"], of: .openai)
        let conditions = try conditions(usage, of: record)
        var reading = UsageReading()
        var total = conditions
        try count(usage, of: record, into: &total, &reading.marks)
        guard let json = usage.members["iterations"], json != .array([]) else {
            try addServerTools(usage, to: &total)
            reading.portions = [total]
            return reading
        }
        // The iterations are what is billed: the total leaves some kinds out, and says nothing of their models.
        guard case .array(let iterations) = json, iterations.count <= iterationLimit else {
            throw usage.fault("iterations", "is no list, or one of more than \(iterationLimit) elements")
        }
        reading.marks = []
        for (index, iteration) in iterations.enumerated() {
            let fields = try UsageFields(iteration, at: "\(usage.path).iterations[\(index)]")
            var portion = conditions
            portion.model = try model(of: fields, record)
            try count(fields, of: record, into: &portion, &reading.marks)
            reading.portions.append(portion)
        }
        try check(reading.portions, contain: total, usage)
        var tools = conditions
        try addServerTools(usage, to: &tools)
        if !tools.quantities.isEmpty || !tools.serverTools.isEmpty { reading.portions.append(tools) }
        return reading
    }

    private static func conditions(_ usage: UsageFields, of record: UsageRecord) throws(UsageFault) -> Portion {
        var portion = Portion(model: record.model)
        portion.serviceTier = try usage.text("service_tier")
        switch portion.serviceTier {
        case nil: portion.isBatch = record.isBatch
        case "batch": portion.isBatch = true
        case "standard", "priority":
            guard !record.isBatch else {
                throw usage.fault(
                    "service_tier", "contradicts \"batch\": true",
                    advice: "report as a batch only what was called as one")
            }
        default: throw usage.fault("service_tier", "is a tier of which no price is known")
        }
        let geo = try usage.text("inference_geo")
        portion.geo = ["global", "not_available", ""].contains(geo) ? nil : geo
        let speed = try usage.text("speed")
        portion.speed = speed == "standard" ? nil : speed
        return portion
    }

    private static func model(of iteration: UsageFields, _ record: UsageRecord) throws(UsageFault) -> String {
        if let model = try iteration.text("model") { return model }
        // These exist because another model takes part.
        guard !["advisor_message", "fallback_message"].contains(try iteration.text("type")) else {
            throw iteration.fault("model", "is missing", advice: "report the provider's whole usage object")
        }
        return record.model
    }

    private static func count(
        _ fields: UsageFields, of record: UsageRecord, into portion: inout Portion,
        _ marks: inout Set<UsageReading.Mark>
    ) throws(UsageFault) {
        portion.quantities[.input] = try fields.required("input_tokens")
        // A call that failed may have had no answer to count.
        let output =
            record.status == .failed ? try fields.quantity("output_tokens") : try fields.required("output_tokens")
        portion.quantities[.output] = output
        try fields.object("output_tokens_details")?
            .check("thinking_tokens", isWithin: output ?? 0, of: "output_tokens")
        portion.quantities[.cacheRead] = try fields.quantity("cache_read_input_tokens")

        let written = try fields.quantity("cache_creation_input_tokens")
        let split = try fields.object("cache_creation")
        let short = try split?.quantity("ephemeral_5m_input_tokens")
        let long = try split?.quantity("ephemeral_1h_input_tokens")
        guard short != nil || long != nil else {
            portion.quantities[.cacheWrite5m] = written
            if let written, written > 0 { marks.insert(.cacheWritesTakenAs5m) }
            return
        }
        guard written == nil || written == (short ?? 0) + (long ?? 0) else {
            throw fields.fault(
                "cache_creation_input_tokens", "is not the sum of cache_creation's 5-minute and 1-hour tokens",
                advice: "of a stream, report the last value of each field, and add nothing up")
        }
        portion.quantities[.cacheWrite5m] = short
        portion.quantities[.cacheWrite1h] = long
    }

    /// The total is of some of the iterations, so none of its numbers exceeds their sum.
    private static func check(
        _ iterations: [Portion], contain total: Portion, _ usage: UsageFields
    ) throws(UsageFault) {
        let parts: [(String, [Pool])] = [
            ("input_tokens", [.input]), ("output_tokens", [.output]), ("cache_read_input_tokens", [.cacheRead]),
            ("cache_creation_input_tokens", [.cacheWrite5m, .cacheWrite1h]),
        ]
        func sum(_ portion: Portion, _ pools: [Pool]) -> Int64 {
            pools.reduce(0) { $0 + portion.quantities[$1, default: 0] }
        }
        for (key, pools) in parts where iterations.reduce(0, { $0 + sum($1, pools) }) < sum(total, pools) {
            throw usage.fault(key, "is more than the sum of the iterations")
        }
    }

    private static func addServerTools(_ usage: UsageFields, to portion: inout Portion) throws(UsageFault) {
        guard let tools = try usage.object("server_tool_use") else { return }
        let suffix = "_requests"
        for key in tools.members.keys.sorted() where key.hasSuffix(suffix) {
            let tool = String(key.dropLast(suffix.count))
            guard let pool = tool == "web_search" ? .webSearch : Pool("unit:\(tool)") else {
                throw tools.fault(key, "is a tool whose name is no unit's")
            }
            if pool == .webSearch {
                portion.quantities[pool] = try tools.quantity(key)
            } else {
                portion.serverTools[pool] = try tools.quantity(key)
            }
        }
    }
}
