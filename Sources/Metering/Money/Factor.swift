// SPDX-License-Identifier: Apache-2.0

/// What a price is multiplied by: `numerator` × 10^-`decimals`, more than 0 and at most a million.
package struct Factor: Hashable, Sendable {
    let numerator: Int64
    let decimals: Int

    /// What one factor may have.
    static let decimalLimit = 4
    private static let limit = 1_000_000

    package static let one = Factor(numerator: 1, decimals: 0)

    private init(numerator: Int64, decimals: Int) {
        self.numerator = numerator
        self.decimals = decimals
    }

    /// Nil for more decimals than a factor may have, and for what is no factor.
    package init?(_ number: DecimalNumber) {
        guard number.decimals <= Self.decimalLimit, number.coefficient > 0,
            number.coefficient <= Int128(Self.limit) * DecimalNumber.power(number.decimals)
        else { return nil }
        self.init(numerator: Int64(number.coefficient), decimals: number.decimals)
    }
}

extension Factor: CustomStringConvertible {
    package var description: String { DecimalNumber(coefficient: Int128(numerator), decimals: decimals).description }
}
