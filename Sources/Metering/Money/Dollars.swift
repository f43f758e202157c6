// SPDX-License-Identifier: Apache-2.0

/// An exact amount of money, to 10^-24 dollars: a price of one token has at most 12 decimals, and the factors of a
/// product together 12 more, so that nothing is ever rounded.
package struct Dollars: Hashable, Comparable, Sendable {
    /// In 10^-24 dollars: up to 170 million million dollars.
    package let count: Int128

    package static let decimals = 24
    package static let zero = Dollars(count: 0)

    /// - Parameter count: in 10^-24 dollars.
    package init(count: Int128) {
        self.count = count
    }

    package static func < (lhs: Dollars, rhs: Dollars) -> Bool { lhs.count < rhs.count }

    package static func + (lhs: Dollars, rhs: Dollars) throws(DollarOverflow) -> Dollars {
        Dollars(count: try DollarOverflow.check(lhs.count.addingReportingOverflow(rhs.count)))
    }

    package static func - (lhs: Dollars, rhs: Dollars) throws(DollarOverflow) -> Dollars {
        Dollars(count: try DollarOverflow.check(lhs.count.subtractingReportingOverflow(rhs.count)))
    }

    /// - Throws: also if the product is finer than 10^-24 dollars, which no product of a price, its factors and a
    ///   markup is.
    package static func * (lhs: Dollars, factor: Factor) throws(DollarOverflow) -> Dollars {
        let (whole, rest) = lhs.count.quotientAndRemainder(dividingBy: DecimalNumber.power(factor.decimals))
        guard rest == 0 else { throw DollarOverflow() }
        return Dollars(count: try DollarOverflow.check(whole.multipliedReportingOverflow(by: Int128(factor.numerator))))
    }
}
