import Stripe

/// How many events came within a time, and what became of them.
public struct EventStatistics: Sendable {
    /// Events of one type with one end.
    public struct Group: Sendable {
        public let type: String?
        public let status: EventStatus
        public let detail: String?
        public let count: Int
        public let lastReceivedAt: Timestamp
    }

    /// Events that were signed with one secret.
    public struct Signed: Sendable {
        public let secret: String?
        public let count: Int
        public let lastReceivedAt: Timestamp
    }

    /// Exclusive.
    public let receivedAfter: Timestamp
    public let receivedBefore: Timestamp
    public let count: Int
    /// Whether there are more than were counted: then `receivedAfter` is just before the oldest of the newest that were.
    public let isTruncated: Bool
    /// The largest first.
    public let groups: [Group]
    public let secrets: [Signed]
}
