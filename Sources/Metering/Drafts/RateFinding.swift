// SPDX-License-Identifier: Apache-2.0

/// Something about a proposed rate that is probably wrong.
package struct RateFinding: Hashable, Sendable {
    package enum Kind: String, CaseIterable, Sendable {
        case negative
        case zero
        /// Keeping for an hour costs less than keeping for five minutes.
        case write1hBelow5m = "cache_write_1h_below_5m"
        case readAboveInput = "cache_read_above_input"
        /// Twelve times what the model's other prices, or its former ones, let expect, or a twelfth.
        case outlier
        /// A model was used that neither the draft nor the book has.
        case missing
    }

    package let kind: Kind
    package let provider: String
    package let model: String
    /// Nil if it is about the whole model.
    package let pool: Pool?
    /// Of the tier's prompt, in tokens; nil for the base prices.
    package let tierAbove: Int64?

    /// What it is, in words.
    package var words: String {
        switch kind {
        case .negative: "a price below zero, by which nothing is charged"
        case .zero: "a price of zero, by which nothing is charged"
        case .write1hBelow5m: "keeping for an hour costs less than keeping for five minutes"
        case .readAboveInput: "reading from the cache costs more than the input"
        case .outlier: "twelve times, or a twelfth, of what the model's other or former prices let expect"
        case .missing: "it is used, and has no price"
        }
    }
}
