// SPDX-License-Identifier: Apache-2.0

/// All that decides what calls are charged now: what models cost, and the plans.
package struct Tariff: Sendable {
    package let rates: RateBook
    package let plans: PlanBook

    package init(rates: RateBook, plans: PlanBook) {
        self.rates = rates
        self.plans = plans
    }
}
