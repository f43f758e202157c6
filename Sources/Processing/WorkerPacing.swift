// SPDX-License-Identifier: Apache-2.0

import Store
import Timing

/// What a worker does next, from how the last step went: it claims whatever is due while little is, its own partition while
/// there is more, a suspect now and then, and leaves time to the inbox of its process while much arrives.
struct WorkerPacing {
    typealias Instant = ContinuousClock.Instant

    enum Step: Equatable {
        case claim(Partition)
        /// One event that so many processes died of, or fewer.
        case claimSuspect(withCrashesAtMost: Int)
        case rest(Duration)
        /// Until there is a sign of it.
        case waitForWork(atMost: Duration)
    }

    /// How a step went.
    enum Turn {
        /// It is the first.
        case none
        case claimed(Batch)
        /// - Parameter handled: how many suspects ended.
        case claimedSuspect(handled: Int)
        case rested
        case waited
        /// It came to nothing, for a reason that is over.
        case interrupted
        /// It came to nothing, for a reason that has to be waited out.
        /// - Parameter random: 0.5 to 1, so that workers do not return as one.
        case failed(random: Double)
    }

    /// How one batch went.
    struct Batch {
        /// How many events ended.
        var handled = 0
        /// How long that took.
        var took: Duration = .zero
        /// For how long the first of them had been due.
        var waited: Duration = .zero
        var leavesMore = false
        /// What was taken to the inbox until its end.
        var inbox = BatchCounts()
    }

    /// The longest that work from another process waits to be seen by the first worker of this one.
    static let pollInterval: Duration = .milliseconds(250)
    /// The others come where there is more than the first takes: for that, later is soon enough.
    static let sparePollInterval: Duration = .seconds(1)
    /// A process this young takes no event in hand that more than one process died of: where something else ends it again
    /// and again, soon after its start, no event shall be blamed for having been in its hands.
    static let youth: Duration = .seconds(10)
    /// Suspects are few, and none of them is urgent.
    static let suspectInterval: Duration = .seconds(1)

    /// Of several workers in a process the first alone takes suspects: where the process dies, one at most is counted.
    private let partition: Partition
    private let grownAt: Instant
    /// Where little is due, anybody takes it.
    private var current = Partition.whole
    private var suspectsDue: Instant
    private var inbox: BatchCounts
    private var backoff = Backoff()
    /// What the batch before the rest was; nil where the rest is for another reason.
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
        // The end of a partition is no end of the backlog.
        guard current == .whole, handled == 0 else { return .claim(.whole) }
        return .waitForWork(atMost: partition.isFirst ? Self.pollInterval : Self.sparePollInterval)
    }
}
