// SPDX-License-Identifier: Apache-2.0

import Notation

extension RateBook {
    /// The cost of the context and of the longest answer, in the tier that the prompt will be in.
    /// - Parameters:
    ///   - month: what the customer's month has come to.
    ///   - spendable: the credits that the customer may spend now.
    /// - Throws: `UsageFault`, as pricing does, and for a number of tokens that is none.
    package func estimate(
        _ request: EstimateRequest, at instant: Timestamp, plan: Plan, month: MonthToDate, creditValue: CreditValue,
        spendable: Int64, thresholds: Estimate.Thresholds
    ) throws(UsageFault) -> Estimate {
        var reading = UsageReading()
        let portion = try request.portion
        reading.portions = [portion]
        let cost = try cost(of: reading, provider: request.provider, at: instant)
        let (charge, credits) = try UsageFault.counting { () throws(DollarOverflow) in
            var month = month
            let charge = try plan.charge(for: cost, &month)
            return (charge, plan.bill == .credits ? try creditValue.roundedUp(charge) : 0)
        }
        let warning: Estimate.Warning? =
            if cost > thresholds.cost { .expensive } else if portion.promptTokens > thresholds.tokens {
                .longContext
            } else { nil }
        return Estimate(
            cost: cost, charge: charge, credits: credits, warning: warning, isEnough: credits <= max(0, spendable))
    }
    private func cost(
        of reading: UsageReading, provider: String, at instant: Timestamp
    ) throws(UsageFault) -> Dollars {
        do throws(UsageFault) {
            return try price(reading, provider: provider, at: instant).cost
        } catch {
            // Before the call there is no record that could be replayed.
            throw UsageFault(error.reason, error.field.path, error.field.reason)
        }
    }
}
