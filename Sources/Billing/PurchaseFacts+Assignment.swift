import Stripe

extension PurchaseFacts {
    /// An operator's word: whose a purchase is, and where nothing readable says so, how many credits it buys.
    public struct Assignment: Sendable, Hashable, Comparable {
        public let customer: String
        /// Nil where what Stripe's objects say of them counts.
        public let credits: Int64?
        public let reason: String
        /// The label of the admin token.
        public let `operator`: String
        public let at: Timestamp

        public init(customer: String, credits: Int64?, reason: String, operator: String, at: Timestamp) {
            self.customer = customer
            self.credits = credits
            self.reason = reason
            self.operator = `operator`
            self.at = at
        }

        /// The last word counts, where two purchases turn out to be one.
        public static func < (lhs: Assignment, rhs: Assignment) -> Bool {
            (lhs.at, lhs.customer, lhs.credits ?? 0, lhs.operator, lhs.reason)
                < (rhs.at, rhs.customer, rhs.credits ?? 0, rhs.operator, rhs.reason)
        }
    }

    /// What an operator's wish to assign a purchase comes to.
    public enum AssignmentJudgement: Sendable, Hashable {
        case assign(Assignment)
        /// It is so already.
        case unchanged
        /// Stripe's objects say that it is another customer's.
        case isOf(String)
        /// Nothing says how many credits it buys.
        case noCredits
        /// Its money has not come.
        case unpaid
    }

    public func judge(
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
