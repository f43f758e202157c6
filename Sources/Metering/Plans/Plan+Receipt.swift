// SPDX-License-Identifier: Apache-2.0

extension Plan {
    /// - Parameters:
    ///   - version: of this plan.
    ///   - month: of the call, in UTC; then includes it.
    ///   - carried: what of earlier charges was less than a credit, in dollars; then what is carried from now on.
    /// - Throws: `UsageFault` for more than is counted; then nothing has changed.
    package func receipt(
        for usage: PricedUsage, version: String, month: inout MonthToDate, carried: inout Dollars,
        creditValue: CreditValue
    ) throws(UsageFault) -> Receipt {
        var newMonth = month
        let (charge, credits, remainder) = try UsageFault.counting { () throws(DollarOverflow) in
            let charge = try self.charge(for: usage.cost, &newMonth)
            guard bill == .credits else { return (charge, Int64(0), carried) }
            let (credits, remainder) = try creditValue.split(try carried + charge)
            return (charge, credits, remainder)
        }
        guard credits.magnitude <= UInt64(Self.mostCredits) else { throw .tooManyCredits }
        (month, carried) = (newMonth, remainder)
        return Receipt(
            lines: usage.lines, cost: usage.cost, charge: charge, credits: credits, remainder: remainder,
            rate: usage.version, plan: version)
    }
}
