// SPDX-License-Identifier: Apache-2.0

import Notation

extension UsageRecord {
    /// What of the call is charged.
    /// - Throws: `UsageFault` for numbers that cannot be right, whatever of them would be charged.
    package func read(failedCalls: FailedCalls = .input) throws(UsageFault) -> UsageReading {
        guard let usage, usage != .null else {
            // An answer was given, so there is something to charge.
            guard status == .failed || status == .refused else {
                throw UsageFault(
                    .usage, "usage", "is missing",
                    advice: "report the provider's usage object; of a stream, the last value of each field")
            }
            return UsageReading()
        }
        let fields = try UsageFields(usage, at: "usage")
        let reading =
            switch dialect {
            case .anthropic: try AnthropicDialect.read(fields, of: self)
            case .openai: try OpenAIDialect.read(fields, of: self)
            case .tokens: try TokensDialect.read(fields, of: self)
            }
        switch status {
        case .ok, .aborted: return reading
        case .failed: return failedCalls == .none ? UsageReading() : reading.promptOnly
        case .refused: return reading.hasOutput ? reading : UsageReading()
        }
    }
}

extension UsageReading {
    fileprivate var hasOutput: Bool {
        portions.contains { portion in
            portion.quantities.contains { pool, quantity in
                switch pool {
                case .output, .unit: quantity > 0
                case .input, .cacheWrite5m, .cacheWrite1h, .cacheRead, .webSearch: false
                }
            }
        }
    }

    fileprivate var promptOnly: UsageReading {
        var reading = self
        for index in reading.portions.indices {
            reading.portions[index].quantities = reading.portions[index].quantities.filter {
                Pool.prompt.contains($0.key)
            }
            reading.portions[index].serverTools = [:]
        }
        reading.portions.removeAll { $0.quantities.isEmpty }
        return reading
    }
}
