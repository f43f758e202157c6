// SPDX-License-Identifier: Apache-2.0

/// The operator's configuration of what calls are charged. An argument everywhere.
package struct ChargePolicy: Sendable {
    /// The plan of whom no price names one (`TOLLGATE_PLAN`).
    package var plan: String
    package var creditValue: CreditValue
    package var thresholds: Estimate.Thresholds
    /// What failed calls are charged (`TOLLGATE_BILL_FAILED`).
    package var failedCalls: UsageRecord.FailedCalls

    package init(
        plan: String, creditValue: CreditValue, thresholds: Estimate.Thresholds,
        failedCalls: UsageRecord.FailedCalls = .input
    ) {
        self.plan = plan
        self.creditValue = creditValue
        self.thresholds = thresholds
        self.failedCalls = failedCalls
    }

    /// As it is where nothing is configured.
    package static let standard = ChargePolicy(
        plan: "default", creditValue: CreditValue(dollars: Dollars(count: 1_000_000_000_000_000_000_000)),
        thresholds: Estimate.Thresholds(
            tokens: 100_000, cost: Dollars(count: 10_000_000_000_000_000_000_000_000)))
}
