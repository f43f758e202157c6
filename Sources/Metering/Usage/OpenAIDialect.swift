// SPDX-License-Identifier: Apache-2.0

import Notation

/// The usage object of OpenAI's chat completions and of its responses: cached tokens are inside the prompt, reasoning
/// inside the output.
enum OpenAIDialect {
    /// The names of one API's fields.
    private struct Names {
        let prompt: String
        let output: String
        let promptDetails: String
        let outputDetails: String
    }

    private static let chat = Names(
        prompt: "prompt_tokens", output: "completion_tokens", promptDetails: "prompt_tokens_details",
        outputDetails: "completion_tokens_details")
    private static let responses = Names(
        prompt: "input_tokens", output: "output_tokens", promptDetails: "input_tokens_details",
        outputDetails: "output_tokens_details")

    static func read(_ usage: UsageFields, of record: UsageRecord) throws(UsageFault) -> UsageReading {
        try usage.refuse(
            [
                "cache_creation_input_tokens", "cache_read_input_tokens", "cache_creation", "iterations",
                "server_tool_use",
            ],
            of: .anthropic)
        let isChat = usage.members[chat.prompt] != nil
        if isChat, usage.members[responses.prompt] != nil {
            throw usage.fault(responses.prompt, "is beside prompt_tokens, which is of another API")
        }
        let names = isChat ? chat : responses
        let prompt = try usage.required(names.prompt)
        // A call that failed may have had no answer to count.
        let output = record.status == .failed ? try usage.quantity(names.output) : try usage.required(names.output)
        if let total = try usage.quantity("total_tokens"), total != prompt + (output ?? 0) {
            throw usage.fault("total_tokens", "is not the sum of \(names.prompt) and \(names.output)")
        }
        let inner = try usage.object(names.promptDetails)
        let outer = try usage.object(names.outputDetails)
        for details in [inner, outer].compactMap(\.self) { try refuseOtherModalities(details) }
        try outer?.check("reasoning_tokens", isWithin: output ?? 0, of: names.output)
        let read = try inner?.quantity("cached_tokens")
        let written = try inner?.quantity("cache_write_tokens")
        let input = prompt - (read ?? 0) - (written ?? 0)
        guard input >= 0 else {
            throw usage.fault(
                names.promptDetails, "has more cached tokens than \(names.prompt), which includes them",
                advice: "if this provider counts them outside, its dialect is \"anthropic\" or \"tokens\"")
        }
        var portion = Portion(model: record.model)
        portion.isBatch = record.isBatch
        portion.quantities[.input] = input
        portion.quantities[.output] = output
        portion.quantities[.cacheRead] = read
        portion.quantities[.cacheWrite5m] = written
        var reading = UsageReading()
        reading.portions = [portion]
        return reading
    }

    /// They cost other than text, and have no pool.
    private static func refuseOtherModalities(_ details: UsageFields) throws(UsageFault) {
        for key in ["audio_tokens", "image_tokens"] where try details.quantity(key) ?? 0 > 0 {
            throw details.fault(
                key, "have no price of their own",
                advice: "report the call with the dialect \"tokens\", and them as a unit that the rate has a price of")
        }
    }
}
