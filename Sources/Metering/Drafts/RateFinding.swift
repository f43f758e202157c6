// SPDX-License-Identifier: Apache-2.0

/// Something about a proposed rate that is probably wrong.
package struct RateFinding: Hashable, Sendable {
    package enum Kind: String, Sendable {
        case negative
        case zero
        /// Keeping for an hour costs more than keeping for five minutes.
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
}
