// SPDX-License-Identifier: Apache-2.0

import Notation

/// What one credit is worth (`TOLLGATE_CREDIT_VALUE`).
package struct CreditValue: Hashable, Sendable {
    package let dollars: Dollars

    init(dollars: Dollars) {
        self.dollars = dollars
    }

    /// Nil if it is not above 0, or finer than 10^-12 dollars.
    package init?(_ number: DecimalNumber) {
        guard number.coefficient > 0, number.decimals <= UnitPrice.decimals, let dollars = Dollars(number) else {
            return nil
        }
        self.dollars = dollars
    }

    /// Whole credits, rounded down, and the rest in dollars, which is never negative.
    func split(_ amount: Dollars) throws(DollarOverflow) -> (credits: Int64, remainder: Dollars) {
        var (credits, rest) = amount.count.quotientAndRemainder(dividingBy: dollars.count)
        if rest < 0 {
            credits -= 1
            rest += dollars.count
        }
        guard let credits = Int64(exactly: credits) else { throw DollarOverflow() }
        return (credits, Dollars(count: rest))
    }

    /// As many credits as are enough for it.
    func roundedUp(_ amount: Dollars) throws(DollarOverflow) -> Int64 {
        let (credits, remainder) = try split(amount)
        guard remainder > .zero else { return credits }
        return try DollarOverflow.check(credits.addingReportingOverflow(1))
    }
}
