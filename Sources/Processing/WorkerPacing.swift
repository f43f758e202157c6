// SPDX-License-Identifier: Apache-2.0

import Store
import Timing

/// Decides what a worker does next from how the last step went: it claims whatever is due while that is little, its own
/// partition while there is more, and a suspect now and then; and it yields to its process's inbox while much arrives.
struct WorkerPacing {
    typealias Instant = ContinuousClock.Instant

    enum Step: Equatable {
        case claim(Partition)
        /// One event that at most this many processes died of.
        case claimSuspect(withCrashesAtMost: Int)
        case rest(Duration)
        /// Until work is signalled.
        case waitForWork(atMost: Duration)
    }

    /// How a step went.
    enum Turn {
        /// This is the first step.
        case none
        case claimed(Batch)
        /// - Parameter handled: how many suspects ended.
        case claimedSuspect(handled: Int)
        case rested
        case waited
        /// It did not complete, for a reason that is over.
        case interrupted
        /// It did not complete, for a reason that has to be waited out.
        /// - Parameter random: 0.5 to 1, so that workers do not all return at once.
        case failed(random: Double)
    }

    /// How one batch went.
    struct Batch {
        /// How many events ended.
        var handled = 0
        /// How long that took.
        var took: Duration = .zero
        /// How long the first of them had been due.
        var waited: Duration = .zero
        var leavesMore = false
        /// What the inbox had taken by its end.
        var inbox = BatchCounts()
    }

    /// The longest that work from another process waits until this process's first worker sees it.
    static let pollInterval: Duration = .milliseconds(250)
    /// The others are needed only if there is more than the first can take, so they may look later.
    static let sparePollInterval: Duration = .seconds(1)
    /// A process this young takes no event that more than one process died of: if something else ends it again and
    /// again soon after its start, no event may be blamed just because it was being handled.
    static let youth: Duration = .seconds(10)
    /// Suspects are few, and none of them is urgent.
    static let suspectInterval: Duration = .seconds(1)

    /// Only the first of a process's workers takes suspects, so that if the process dies, at most one event is counted.
    private let partition: Partition
    private let grownAt: Instant
    /// While little is due, any worker takes it.
    private var current = Partition.whole
    private var suspectsDue: Instant
    private var inbox: BatchCounts
    private var backoff = Backoff()
    /// The batch before the rest; nil if the rest has another reason.
    private var rested: Batch?

    init(_ partition: Partition, startedAt: Instant, inbox: BatchCounts) {
        self.partition = partition
        self.inbox = inbox
        suspectsDue = startedAt
        grownAt = startedAt + Self.youth
    }

    mutating func next(after turn: Turn, at now: Instant) -> Step {
        switch turn {
        case .none, .waited, .interrupted: return .claim(current)
        case .failed(let random): return .rest(backoff.delay(random: random))
        case .claimed(let batch):
            backoff.reset()
            let rest = rest(after: batch)
            guard rest > .zero else { return next(afterBatch: batch, at: now) }
            rested = batch
            return .rest(rest)
        case .rested:
            guard let batch = rested else { return .claim(current) }
            rested = nil
            return next(afterBatch: batch, at: now)
        case .claimedSuspect(let handled):
            if handled > 0 { suspectsDue = now }
            return next(afterSuspects: handled)
        }
    }

    private mutating func rest(after batch: Batch) -> Duration {
        let arrivals = Double(batch.inbox.items - inbox.items) / Double(max(1, batch.inbox.batches - inbox.batches))
        inbox = batch.inbox
        guard batch.handled > 0 else { return .zero }
        return IngestPriority.pause(after: batch.took, arrivals: arrivals, waited: batch.waited)
    }

    private mutating func next(afterBatch batch: Batch, at now: Instant) -> Step {
        if batch.leavesMore {
            current = partition
            return .claim(partition)
        }
        guard partition.isFirst, suspectsDue <= now else { return next(afterSuspects: 0) }
        suspectsDue = now + Self.suspectInterval
        return .claimSuspect(withCrashesAtMost: now < grownAt ? 1 : .max)
    }

    private mutating func next(afterSuspects handled: Int) -> Step {
        defer { current = .whole }
        // The end of a partition is not the end of the backlog.
        guard current == .whole, handled == 0 else { return .claim(.whole) }
        return .waitForWork(atMost: partition.isFirst ? Self.pollInterval : Self.sparePollInterval)
    }
}
