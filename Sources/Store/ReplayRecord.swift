import Postgres
import Stripe

/// Where a replay of many events stands.
public enum ReplayStatus: String, Sendable, Hashable, CaseIterable {
    case running, done, canceled
}

/// A replay of many events as operators see it.
public struct ReplayRecord: Sendable {
    public let id: String
    public let status: ReplayStatus
    /// What its events matched when it was made.
    public let filter: EventFilter
    /// Who asked for it.
    public let `operator`: String
    /// How many events it is about.
    public let matched: Int
    /// How many more matched, but had lost their payload to retention, or were dismissed before their turn.
    public let skipped: Int
    /// How many have been made pending so far.
    public let queued: Int
    /// How many of those have ended, and how.
    public let ended: [EventStatus: Int]
    public let createdAt: Timestamp
    /// When the last one that it queued had ended.
    public let finishedAt: Timestamp?

    /// How many are queued and have not ended yet.
    public var pending: Int { queued - ended.values.reduce(0, +) }
}

/// What became of a request to cancel a replay.
public enum CancelResult: Sendable {
    case canceled(ReplayRecord)
    case unknown
    /// It is done, or was canceled before.
    case over
}

/// What one step of a replay did.
public struct ReplayStep: Sendable {
    /// Events that became pending.
    public let queued: Int
    /// Events whose end it has seen.
    public let ended: Int
    public let isFinished: Bool
}
