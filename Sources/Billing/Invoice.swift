import Stripe

/// What is known of one invoice: facts that only grow, so that any order of events gives the same invoice.
public struct Invoice: Sendable, Hashable {
    /// In the order in which one overrules the other: what is paid stays paid.
    public enum Status: String, Sendable, Hashable, Comparable, CaseIterable {
        case open, uncollectible, void, paid

        public static func < (lhs: Status, rhs: Status) -> Bool { lhs.rank < rhs.rank }

        private var rank: Int {
            switch self {
            case .open: 0
            case .uncollectible: 1
            case .void: 2
            case .paid: 3
            }
        }
    }

    public let id: String
    public var status: Status
    public var subscription: String?
    public var billingReason: String?
    /// When its first payment attempt failed. The grace period is anchored here; no retry moves it.
    public var firstFailedAt: Timestamp?
    /// It only sells credits: unpaid it gives none, so there is nothing to cut off.
    public var isTopUp: Bool

    public init(
        id: String,
        status: Status,
        subscription: String? = nil,
        billingReason: String? = nil,
        firstFailedAt: Timestamp? = nil,
        isTopUp: Bool = false
    ) {
        self.id = id
        self.status = status
        self.subscription = subscription
        self.billingReason = billingReason
        self.firstFailedAt = firstFailedAt
        self.isTopUp = isTopUp
    }

    /// Takes in what another event says of the same invoice.
    public mutating func merge(_ other: Invoice) {
        status = max(status, other.status)
        subscription = latest(subscription, other.subscription)
        billingReason = latest(billingReason, other.billingReason)
        firstFailedAt = earliest(firstFailedAt, other.firstFailedAt)
        isTopUp = isTopUp || other.isTopUp
    }

    /// A debt from the first failure until it is paid or void. A first invoice never is: its subscription has
    /// not begun, so there is nothing to cut off.
    public var isDebt: Bool {
        firstFailedAt != nil && status < .void && billingReason != "subscription_create" && !isTopUp
    }

    /// Whether it is one to a customer with these subscriptions: an invoice of a subscription that has ended is none, so
    /// that an old debt does not block the customer who came back.
    public func isDebt(among subscriptions: [String: Subscription]) -> Bool {
        isDebt && !(subscription.flatMap { subscriptions[$0] }?.hasEnded ?? false)
    }

    /// When the grace period of this debt ends; nil where it is none.
    public func graceEnd(_ policy: Policy) -> Timestamp? {
        isDebt ? firstFailedAt.map { $0 + policy.gracePeriod } : nil
    }
}

/// The larger of two that may be unknown.
func latest<T: Comparable>(_ one: T?, _ other: T?) -> T? {
    guard let one, let other else { return one ?? other }
    return max(one, other)
}

/// The smaller of two that may be unknown.
func earliest<T: Comparable>(_ one: T?, _ other: T?) -> T? {
    guard let one, let other else { return one ?? other }
    return min(one, other)
}
