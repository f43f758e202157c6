// SPDX-License-Identifier: Apache-2.0

import Notation

/// What a customer's calls have come to, as far as the next charge depends on it.
package struct UsageAccount: Hashable, Sendable {
    /// So far ahead of ours may a gateway's clock be.
    package static let lead: Duration = .seconds(300)
    /// What is older is late.
    private static let age: Duration = .seconds(35 * 86_400)

    package let customer: String
    /// Of its last record; 0 before the first.
    package private(set) var number: Int64
    /// What of all charges was less than a credit, in dollars.
    package private(set) var carried: Dollars
    /// By the first instant of each UTC month; a month that is not here has no calls.
    private var months: [Timestamp: MonthToDate]

    package init(customer: String, number: Int64 = 0, carried: Dollars = .zero, months: [Timestamp: MonthToDate] = [:])
    {
        self.customer = customer
        self.number = number
        self.carried = carried
        self.months = months
    }

    /// Prices a call, and takes it in.
    /// - Parameters:
    ///   - prices: those of the customer's subscriptions.
    ///   - now: the database's clock.
    /// - Throws: `UsageFault` if it cannot be charged; then nothing has changed.
    package mutating func charge(
        _ report: UsageReport, by tariff: Tariff, prices: [String], policy: ChargePolicy, at now: Timestamp
    ) throws(UsageFault) -> UsageCharge {
        guard report.at <= now + Self.lead else { throw .inFuture(report.at) }
        guard let plan = tariff.plans.version(ofPrices: prices, standard: policy.plan) else {
            throw .noPlan(policy.plan)
        }
        let reading = try report.call.read(failedCalls: policy.failedCalls)
        let priced = try tariff.rates.price(reading, provider: report.call.provider, at: report.at)
        let carried = self.carried
        let (receipt, markedUp, moved) = try post(priced, at: report.at, by: plan, creditValue: policy.creditValue)
        return UsageCharge(
            report: report, number: number, receipt: receipt, bill: plan.plan.bill, creditValue: policy.creditValue,
            carried: carried, marks: reading.marks.union(report.at < now - Self.age ? [.late] : []), markedUp: markedUp,
            moved: moved)
    }

    /// - Parameter difference: its lines are those of the call, its cost is the difference.
    mutating func post(
        _ difference: PricedUsage, of call: ChargedCall, creditValue: CreditValue
    ) throws(UsageFault) -> UsageCorrection {
        let carried = self.carried
        let (receipt, markedUp, moved) = try post(difference, at: call.at, by: call.plan, creditValue: creditValue)
        return UsageCorrection(
            record: call.record, number: number, receipt: receipt, bill: call.plan.plan.bill, creditValue: creditValue,
            carried: carried, markedUp: markedUp, moved: moved)
    }

    /// Takes a cost, or a difference, into its month and into what is carried.
    private mutating func post(
        _ priced: PricedUsage, at instant: Timestamp, by plan: PlanBook.Version, creditValue: CreditValue
    ) throws(UsageFault) -> (receipt: Receipt, markedUp: Dollars, moved: Dollars) {
        let before = months[instant.startOfMonth] ?? MonthToDate()
        var (month, remainder) = (before, carried)
        let receipt = try plan.plan.receipt(
            for: priced, version: plan.id, month: &month, carried: &remainder, creditValue: creditValue)
        let (markedUp, moved) = try UsageFault.counting { () throws(DollarOverflow) in
            (try month.markedUp - before.markedUp, try remainder - carried)
        }
        carried = remainder
        months[instant.startOfMonth] = month
        number += 1
        return (receipt, markedUp, moved)
    }
}
