// SPDX-License-Identifier: Apache-2.0

/// The price of one token, search or other unit, in 10^-12 dollars. A draft may hold one that is not positive, so that
/// it can be pointed out; nothing is charged by it.
package struct UnitPrice: Hashable, Comparable, Sendable {
    let picodollars: Int64

    static let decimals = 12
    /// What the factors of a rate may have together: a markup has the rest of the 24.
    static let factorDecimals = Dollars.decimals - decimals - Factor.decimalLimit

    package static func < (lhs: UnitPrice, rhs: UnitPrice) -> Bool { lhs.picodollars < rhs.picodollars }

    /// What so many cost, exactly.
    /// - Parameter factors: with at most `factorDecimals` decimals together.
    func cost(of quantity: Int64, factors: [Factor]) throws(DollarOverflow) -> Dollars {
        // Two numbers of 64 bits are within 128.
        var count = Int128(picodollars) * Int128(quantity)
        var decimals = Self.decimals
        for factor in factors {
            count = try DollarOverflow.check(count.multipliedReportingOverflow(by: Int128(factor.numerator)))
            decimals += factor.decimals
        }
        guard decimals <= Dollars.decimals else { throw DollarOverflow() }
        let scale = DecimalNumber.power(Dollars.decimals - decimals)
        return Dollars(count: try DollarOverflow.check(count.multipliedReportingOverflow(by: scale)))
    }
}

extension UnitPrice {
    /// - Parameters:
    ///   - number: dollars for 10^`digits` units.
    /// - Returns: nil if one costs a fraction of 10^-12 dollars, or more than 9 million dollars.
    package init?(_ number: DecimalNumber, forPowerOfTen digits: Int) {
        guard let count = number.count(decimals: Self.decimals - digits), let picodollars = Int64(exactly: count) else {
            return nil
        }
        self.init(picodollars: picodollars)
    }

    /// Dollars for 10^`digits` units.
    func dollars(forPowerOfTen digits: Int) -> DecimalNumber {
        DecimalNumber(coefficient: Int128(picodollars), decimals: Self.decimals - digits)
    }
}
