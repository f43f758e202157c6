// SPDX-License-Identifier: Apache-2.0

/// What one model did for a call, and under which conditions. Its prompt alone chooses its tier.
package struct Portion: Hashable, Sendable {
    package var model: String
    /// None of them is negative. A pool that was not told of is absent.
    package var quantities: [Pool: Int64] = [:]
    /// Requests of server tools other than searches: they cost something only if the rate has a price of them.
    package var serverTools: [Pool: Int64] = [:]
    package var isBatch = false
    /// Where it had to run, if that was asked for.
    package var geo: String?
    /// Other than the standard.
    package var speed: String?
    /// As the provider names it. It has no factor of its own, but explains a difference to the provider's bill.
    package var serviceTier: String?

    package init(model: String) { self.model = model }

    /// Cached tokens included.
    var promptTokens: Int64 { Pool.prompt.reduce(0) { $0 + quantities[$1, default: 0] } }
}
