// SPDX-License-Identifier: Apache-2.0

import Notation

extension PurchaseFacts {
    /// An operator's decision: whose a purchase is and, if nothing readable says so, how many credits it buys.
    package struct Assignment: Sendable, Hashable, Comparable {
        package let customer: String
        /// Nil if what Stripe's objects say about them counts.
        package let credits: Int64?
        package let reason: String
        /// The label of the admin token.
        package let `operator`: String
        package let at: Timestamp

        package init(customer: String, credits: Int64?, reason: String, operator: String, at: Timestamp) {
            self.customer = customer
            self.credits = credits
            self.reason = reason
            self.operator = `operator`
            self.at = at
        }

        /// The latest one counts if two purchases turn out to be one.
        package static func < (lhs: Assignment, rhs: Assignment) -> Bool {
            (lhs.at, lhs.customer, lhs.credits ?? 0, lhs.operator, lhs.reason)
                < (rhs.at, rhs.customer, rhs.credits ?? 0, rhs.operator, rhs.reason)
        }
    }

    /// The result of an operator's request to assign a purchase.
    package enum AssignmentJudgement: Sendable, Hashable {
        case assign(Assignment)
        /// It is already assigned like this.
        case unchanged
        /// Stripe's objects say that it is another customer's.
        case isOf(String)
        /// Nothing says how many credits it buys.
        case noCredits
        /// Its money has not arrived.
        case unpaid
    }

    package func judge(
        customer: String,
        credits: Int64?,
        reason: String,
        operator name: String,
        at now: Timestamp
    ) -> AssignmentJudgement {
        if let named = namedCustomer, named != customer, assignment?.customer != customer { return .isOf(named) }
        let isAwaited = parts.values.contains { !$0.isPaid && ($0.kind == .checkoutSession || $0.paid != nil) }
        if !isPaid, isAwaited { return .unpaid }
        guard let bought = credits ?? self.credits else { return .noCredits }
        if customer == self.customer, bought == self.credits { return .unchanged }
        return .assign(
            Assignment(
                customer: customer, credits: credits ?? assignment?.credits, reason: reason, operator: name, at: now))
    }
}
