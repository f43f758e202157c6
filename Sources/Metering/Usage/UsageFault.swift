// SPDX-License-Identifier: Apache-2.0

import Notation

/// Why a call cannot be priced: the record waits until an operator has mended the cause.
package struct UsageFault: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Reason: String, Sendable {
        /// The provider's numbers contradict each other, or cannot be read.
        case usage = "invalid_usage"
        /// The price book has no rate of that model at that time.
        case rate = "no_rate"
        /// The rate has no price of a pool, or no factor, or one that nothing can be charged by.
        case price = "no_price"
        /// More than is counted.
        case amount = "amount_too_large"
    }

    package let reason: Reason
    /// For operators; `field.loggable` for a log.
    package let field: FieldError

    init(_ reason: Reason, _ path: String, _ words: String, value: JSON? = nil, advice: String? = nil) {
        self.reason = reason
        field = FieldError(path, words, value: value, advice: advice)
    }

    package var description: String { field.description }

    /// Of sums and products of money.
    static func counting<Value>(_ body: () throws(DollarOverflow) -> Value) throws(UsageFault) -> Value {
        do {
            return try body()
        } catch {
            throw UsageFault(.amount, "usage", "costs more than is counted", advice: "look at its quantities")
        }
    }
}
