import Stripe

/// Stripe's statuses of a subscription, in the order that settles what nothing else does: of two that were reported
/// in the same second and do not name each other, the later one here counts.
public enum SubscriptionStatus: String, Sendable, Hashable, CaseIterable, Comparable {
    case incomplete
    case trialing
    case active
    case pastDue = "past_due"
    case unpaid
    case paused
    case incompleteExpired = "incomplete_expired"
    case canceled

    public static func < (lhs: SubscriptionStatus, rhs: SubscriptionStatus) -> Bool { lhs.rank < rhs.rank }

    /// A subscription that has ended stays so.
    public var isFinal: Bool { self == .canceled || self == .incompleteExpired }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// What the events of a subscription say of its status: the facts of the newest second, all of them. Which of two
/// came later within a second is not in their times, and naming the status before is not transitive (`past_due` after
/// `active`, `unpaid` after `past_due`, `active` after `unpaid`), so the set is kept and the answer chosen from it.
public struct StatusHistory: Sendable, Hashable {
    /// One event's word: the status, and the one it says was before.
    public struct Report: Sendable, Hashable, Comparable {
        public let status: SubscriptionStatus
        public let previous: SubscriptionStatus?

        public init(_ status: SubscriptionStatus, previous: SubscriptionStatus? = nil) {
            self.status = status
            self.previous = previous
        }

        public static func < (lhs: Report, rhs: Report) -> Bool {
            if lhs.status != rhs.status { return lhs.status < rhs.status }
            guard let one = lhs.previous else { return rhs.previous != nil }
            guard let other = rhs.previous else { return false }
            return one < other
        }
    }

    /// When the newest of them happened; a whole second.
    public private(set) var second: Timestamp
    /// Never empty.
    public private(set) var reports: Set<Report>
    /// The final status, whenever it was reported.
    public private(set) var end: SubscriptionStatus?
    /// Stripe ended it because an invoice stayed unpaid.
    public private(set) var endedUnpaid: Bool

    public init(_ report: Report, at second: Timestamp, endedUnpaid: Bool = false) {
        self.second = second
        reports = [report]
        end = report.status.isFinal ? report.status : nil
        self.endedUnpaid = endedUnpaid
    }

    public init(second: Timestamp, reports: Set<Report>, end: SubscriptionStatus?, endedUnpaid: Bool) {
        self.second = second
        self.reports = reports
        self.end = end
        self.endedUnpaid = endedUnpaid
    }

    public mutating func merge(_ other: StatusHistory) {
        if other.second > second {
            (second, reports) = (other.second, other.reports)
        } else if other.second == second {
            reports.formUnion(other.reports)
        }
        end = latest(end, other.end)
        endedUnpaid = endedUnpaid || other.endedUnpaid
    }

    public var status: SubscriptionStatus {
        if let end { return end }
        let last = reports.filter { report in
            !reports.contains { $0 != report && $0.previous == report.status }
        }
        // Where each is named by another there is no last one: all of them stand.
        return (last.isEmpty ? reports : last).map(\.status).max() ?? .incomplete
    }
}
