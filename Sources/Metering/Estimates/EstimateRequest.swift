// SPDX-License-Identifier: Apache-2.0

/// A call that is to be made: its context, and the longest answer that it allows. In tokens, from 0 to a million
/// million.
package struct EstimateRequest: Hashable, Sendable {
    package var provider: String
    package var model: String
    /// Without what is read from the cache or written to it.
    package var inputTokens: Int64
    package var maxOutputTokens: Int64
    package var cacheReadTokens: Int64 = 0
    package var cacheWrite5mTokens: Int64 = 0
    package var cacheWrite1hTokens: Int64 = 0
    package var isBatch = false

    package init(provider: String, model: String, inputTokens: Int64, maxOutputTokens: Int64) {
        self.provider = provider
        self.model = model
        self.inputTokens = inputTokens
        self.maxOutputTokens = maxOutputTokens
    }

    var portion: Portion {
        get throws(UsageFault) {
            let quantities: [(String, Pool, Int64)] = [
                ("input_tokens", .input, inputTokens), ("max_output_tokens", .output, maxOutputTokens),
                ("cache_read_tokens", .cacheRead, cacheReadTokens),
                ("cache_write_5m_tokens", .cacheWrite5m, cacheWrite5mTokens),
                ("cache_write_1h_tokens", .cacheWrite1h, cacheWrite1hTokens),
            ]
            var portion = Portion(model: model)
            portion.isBatch = isBatch
            for (name, pool, quantity) in quantities {
                guard 0...UsageFields.limit ~= quantity else {
                    throw UsageFault(.usage, name, "is no number of tokens", value: .integer(quantity))
                }
                portion.quantities[pool] = quantity
            }
            return portion
        }
    }
}
