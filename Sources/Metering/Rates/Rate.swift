// SPDX-License-Identifier: Apache-2.0

import Notation

/// What one model costs from an instant on.
package struct Rate: Hashable, Sendable {
    /// Other prices for the whole of a request whose prompt, cached tokens included, is above a number of tokens.
    package struct Tier: Hashable, Sendable {
        package var above: Int64
        /// Of every pool of tokens that the rate has a price of.
        package var prices: [Pool: UnitPrice]
    }

    package var provider: String
    package var model: String
    /// Other names of the model.
    package var aliases: [String] = []
    /// It holds from this very instant, until a later one holds.
    package var effectiveAt: Timestamp
    package var prices: [Pool: UnitPrice]
    /// In order.
    package var tiers: [Tier] = []
    // Factors multiply pools of tokens only.
    package var batch: Factor?
    package var geo: [String: Factor] = [:]
    package var speed: [String: Factor] = [:]

    /// By pool, for a request with so many tokens in its prompt.
    func prices(forPrompt tokens: Int64) -> [Pool: UnitPrice] {
        guard let tier = tiers.last(where: { $0.above < tokens }) else { return prices }
        return prices.merging(tier.prices) { _, tiered in tiered }
    }
}
