// SPDX-License-Identifier: Apache-2.0

/// An amount of money beyond what is counted: it cannot be real, so it is refused rather than wrapped or rounded.
package struct DollarOverflow: Error, Hashable, CustomStringConvertible {
    package var description: String { "the amount has more digits than are counted" }

    static func check<Number>(_ result: (partialValue: Number, overflow: Bool)) throws(DollarOverflow) -> Number {
        guard !result.overflow else { throw DollarOverflow() }
        return result.partialValue
    }
}
