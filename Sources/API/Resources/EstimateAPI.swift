// SPDX-License-Identifier: Apache-2.0

import Notation

/// What a call will cost at most, before it is made.
package enum EstimateAPI {
    package enum WarningWord: String, CaseIterable, Sendable {
        case longContext = "long_context"
        case expensive
    }

    private static let tokens = Form<Int64>.integer(0...1_000_000_000_000, "a whole number from 0 to 10^12")

    package struct Request: EstimateContent {
        package static let form = ObjectForm("EstimateRequest", Request())

        package let customer = Property("customer", .id("cus_1"))
        package let provider = Property("provider", .providerName)
        package let model = Property("model", .modelName)
        package let inputTokens = Property("input_tokens", tokens)
        package let maxOutputTokens = Property("max_output_tokens", tokens)
        package let cacheReadTokens = Property(optional: "cache_read_tokens", tokens)
        package let cacheWrite5mTokens = Property(optional: "cache_write_5m_tokens", tokens)
        package let cacheWrite1hTokens = Property(optional: "cache_write_1h_tokens", tokens)
        package let batch = Property(optional: "batch", .bool)
    }

    /// The same within a request about a customer.
    package struct Call: EstimateContent {
        package static let form = ObjectForm("EstimatedCall", Call())

        package let provider = Property("provider", .providerName)
        package let model = Property("model", .modelName)
        package let inputTokens = Property("input_tokens", tokens)
        package let maxOutputTokens = Property("max_output_tokens", tokens)
        package let cacheReadTokens = Property(optional: "cache_read_tokens", tokens)
        package let cacheWrite5mTokens = Property(optional: "cache_write_5m_tokens", tokens)
        package let cacheWrite1hTokens = Property(optional: "cache_write_1h_tokens", tokens)
        package let batch = Property(optional: "batch", .bool)
    }

    package struct Answer: ObjectContent {
        package static let form = ObjectForm("Estimate", Answer())

        package let cost = Property("cost", .string)
        package let charge = Property("charge", .string)
        package let credits = Property("credits", .integer)
        package let warning = Property("warning", .nullable(.oneOf(WarningWord.allCases)))
        package let enough = Property("enough", .bool)
    }

    package static let estimate = Operation<Nothing, Request, Answer>(
        .post, "/v1/estimate", id: "estimate", by: .gateway,
        "What a call will cost at most: its context, and the longest answer",
        problems: [.unknownCustomer, .noRate])

    static let endpoints = [estimate.endpoint]
}
