// SPDX-License-Identifier: Apache-2.0

import Notation

/// Where a replay of many events stands.
package enum ReplayStatus: String, Sendable, Hashable, CaseIterable {
    case running, done, canceled
}

/// A replay of many events as operators see it.
package struct ReplayRecord: Sendable {
    package let id: String
    package let status: ReplayStatus
    /// What its events matched when it was made.
    package let filter: EventFilter
    /// Who asked for it.
    package let `operator`: String
    /// How many events it is about.
    package let matched: Int
    /// How many more matched, but had lost their payload to retention, or were dismissed before their turn.
    package let skipped: Int
    /// How many have been made pending so far.
    package let queued: Int
    /// How many of those have ended, and how.
    package let ended: [EventState: Int]
    package let createdAt: Timestamp
    /// When the last one that it queued had ended.
    package let finishedAt: Timestamp?

    /// How many are queued and have not ended yet.
    package var pending: Int { queued - ended.values.reduce(0, +) }
}

/// What became of a request to cancel a replay.
package enum CancelResult: Sendable {
    case canceled(ReplayRecord)
    case unknown
    /// It is done, or was canceled before.
    case over
}

/// What one step of a replay did.
package struct ReplayStep: Sendable {
    /// Events that became pending.
    package let queued: Int
    /// Events whose end it has seen.
    package let ended: Int
    package let isFinished: Bool
}
