import Stripe

/// What is so at Stripe, kept by what happened and not by events: nothing here is merged, ordered or received.
public struct Truth: Sendable {
    public struct Subscription: Sendable {
        public var customer: String
        public var status: String
        public var endedUnpaid = false
        /// Whether its own events are sent at all.
        public var isReported: Bool
        /// How far its paid invoices reach; nil where none is paid.
        public var paidThrough: Timestamp?
    }

    public struct Invoice: Sendable {
        public var customer: String
        public var subscription: String?
        public var isFirst = false
        public var onlySellsCredits = false
        public var isSettled = false
        public var failedAt: Timestamp?
    }

    public struct Purchase: Sendable {
        /// Nil where no event tells.
        public var customer: String?
        public var credits: Int64
        public var paid: Int64
        public var refunded: Int64 = 0
        public var disputed: Int64 = 0

        public var due: Int64 {
            let taken = min(paid, refunded + disputed)
            return paid > 0 ? credits - credits * taken / paid : credits
        }
    }

    public var subscriptions: [String: Subscription] = [:]
    public var invoices: [String: Invoice] = [:]
    public var purchases: [Purchase] = []
    public var deleted: Set<String> = []
    /// Customers with an open dispute.
    public var disputed: Set<String> = []

    public init() {}

    mutating func merge(_ other: Truth) {
        subscriptions.merge(other.subscriptions) { $1 }
        invoices.merge(other.invoices) { $1 }
        purchases += other.purchases
        deleted.formUnion(other.deleted)
        disputed.formUnion(other.disputed)
    }

    // MARK: What follows for a customer

    public func credits(of customer: String) -> Int64 {
        purchases.filter { $0.customer == customer }.map(\.due).reduce(0, +)
    }

    /// Moments at which something may change.
    public func moments(of customer: String, gracePeriod: Duration) -> [Timestamp] {
        invoices.values.filter { $0.customer == customer }.compactMap { $0.failedAt.map { $0 + gracePeriod } }
            + subscriptions.values.filter { $0.customer == customer }
            .compactMap { $0.paidThrough.map { $0 + gracePeriod } }
    }

    /// Whether the customer may call the API at `now`: the list, read line by line.
    public func answer(
        for customer: String,
        at now: Timestamp,
        gracePeriod: Duration,
        blocksOnDispute: Bool
    ) -> (reason: String, until: Timestamp?) {
        if deleted.contains(customer) { return ("customer_deleted", nil) }
        if blocksOnDispute, disputed.contains(customer) { return ("disputed", nil) }

        let own = invoices.values.filter { $0.customer == customer }
        func isOver(_ id: String?) -> Bool {
            guard let status = id.flatMap({ subscriptions[$0] }).flatMap({ $0.isReported ? $0.status : nil }) else {
                return false
            }
            return status == "canceled" || status == "incomplete_expired"
        }
        func isOpen(_ invoice: Invoice) -> Bool {
            invoice.failedAt != nil && !invoice.isSettled && !invoice.isFirst && !invoice.onlySellsCredits
        }
        func graceEnds(_ invoices: [Invoice]) -> [Timestamp] {
            invoices.compactMap { $0.failedAt.map { $0 + gracePeriod } }
        }
        let deadlines = graceEnds(own.filter { isOpen($0) && !isOver($0.subscription) })
        if deadlines.contains(where: { $0 <= now }) { return ("payment_overdue", nil) }

        // Each way to be entitled: the reason, and when it ends.
        var ways: [(reason: String, until: Timestamp?)] = []
        for (id, subscription) in subscriptions where subscription.customer == customer {
            let grace = graceEnds(own.filter { isOpen($0) && $0.subscription == id }).filter { $0 > now }.max()
            if subscription.isReported {
                switch subscription.status {
                case "active", "trialing", "past_due": ways.append(("subscription_active", nil))
                case "unpaid": if let grace { ways.append(("grace_period", grace)) }
                case "canceled" where subscription.endedUnpaid: if let grace { ways.append(("grace_period", grace)) }
                default: break
                }
            } else {
                if let end = subscription.paidThrough.map({ $0 + gracePeriod }), end > now {
                    ways.append(("invoice_paid", end))
                }
                if let grace { ways.append(("grace_period", grace)) }
            }
        }
        let credits = credits(of: customer)
        if let deadline = deadlines.min(), !ways.isEmpty || credits > 0 {
            // Who has nothing but what ends before the deadline is denied from then on.
            let ends = credits > 0 || ways.contains { $0.until == nil } ? nil : ways.compactMap(\.until).max()
            return ("grace_period", [deadline, ends].compactMap(\.self).min())
        }
        for reason in ["subscription_active", "invoice_paid", "grace_period"] {
            let fitting = ways.filter { $0.reason == reason }
            if fitting.isEmpty { continue }
            return (reason, fitting.contains { $0.until == nil } ? nil : fitting.compactMap(\.until).max())
        }
        if credits > 0 { return ("credits", nil) }
        if purchases.contains(where: { $0.customer == customer }) { return ("credits_exhausted", nil) }
        let isKnown = subscriptions.contains { id, subscription in
            subscription.customer == customer
                && (subscription.isReported || subscription.paidThrough != nil
                    || own.contains { $0.subscription == id && $0.failedAt != nil && !$0.isFirst })
        }
        return (isKnown ? "subscription_ended" : "no_subscription", nil)
    }
}
