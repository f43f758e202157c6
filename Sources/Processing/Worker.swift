import Billing
import Logging
import Metrics
import ServiceLifecycle
import Store
import Timing

/// Takes pending events from the inbox, decides and applies them, until shutdown. Separate from what answers Stripe: it
/// may fall behind, the acknowledgements may not. So it rests while much arrives in the same process.
package struct Worker: Service {
    /// More gain little, and hold their customers' accounts longer.
    private static let batchLimit = 256
    /// The longest that work from another process waits to be seen by the first worker of this one.
    private static let pollInterval: Duration = .milliseconds(250)
    /// The others come where there is more than the first takes: for that, later is soon enough.
    private static let sparePollInterval: Duration = .seconds(1)
    /// A process this young takes no event in hand that more than one process died of: where something else ends it again
    /// and again, soon after its start, no event shall be blamed for having been in its hands.
    private static let youth: Duration = .seconds(10)
    /// Suspects are few, and none of them is urgent.
    private static let suspectInterval: Duration = .seconds(1)

    /// For how long a customer is left alone whose events alone the database cannot process: one damaged page, a row that
    /// a newer version has written.
    private static let trouble: Duration = .seconds(10)
    /// Events of so many customers are tried one by one before it is clear that the trouble is everybody's.
    private static let sample = 3

    private let store: Store
    /// Of several workers in a process the first alone takes suspects: where the process dies, one at most is counted.
    private let lane: Lane
    private let decider: Decider
    private let verdicts: VerdictReport
    private let logger: Logger

    /// - Parameters:
    ///   - lane: a different one for each worker of a process.
    ///   - strangers: the process's; without it nobody is told of them.
    package init(
        _ store: Store,
        in lane: Lane = .whole,
        policy: Policy,
        metrics: any MetricsFactory,
        strangers: StrangerLog? = nil,
        logger: Logger
    ) {
        self.store = store
        self.lane = lane
        decider = Decider(policy: policy)
        verdicts = VerdictReport(counters: OutcomeCounters(metrics), strangers: strangers, logger: logger)
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            var backoff = Backoff()
            var me: Roster.Worker?
            var seen = store.inbox.written
            // Where little is due, anybody takes it.
            var lane = Lane.whole
            var suspectsDue = ContinuousClock.now
            let grown = ContinuousClock.now + Self.youth
            while !Task.isCancelled {
                do {
                    let worker = if let me { me } else { try await enlist() }
                    me = worker
                    let began = ContinuousClock.now
                    let turn = try await handleBatch(in: lane, for: worker)
                    store.outages.worked(.processing)
                    backoff.reset()
                    let taken = store.inbox.written
                    let arrivals = Double(taken.items - seen.items) / Double(max(1, taken.batches - seen.batches))
                    seen = taken
                    if turn.handled > 0 {
                        let rest = Restraint.pause(
                            after: began.duration(to: .now), arrivals: arrivals, waited: turn.waited)
                        if rest > .zero { try await Task.sleep(for: rest) }
                    }
                    guard !turn.leavesMore else {
                        lane = self.lane
                        continue
                    }
                    var suspects = 0
                    if self.lane.isFirst, suspectsDue <= .now {
                        suspectsDue = .now + Self.suspectInterval
                        suspects = try await handleSuspect(thatKilledAtMost: .now < grown ? 1 : .max, for: worker)
                        if suspects > 0 { suspectsDue = .now }
                    }
                    // An end of the lane is no end of the backlog.
                    if lane == .whole, suspects == 0 {
                        await store.arrivals.wait(
                            atMost: self.lane.isFirst ? Self.pollInterval : Self.sparePollInterval)
                    }
                    lane = .whole
                } catch is CancellationError {
                    break
                } catch is Roster.StruckOff {
                    me = nil
                } catch {
                    guard !Task.isCancelled else { break }
                    // Nothing was committed and nothing counts as an attempt: the events are pending as before.
                    if let unsolved = await solve(error, for: me) {
                        store.outages.failed(.processing, unsolved)
                        await backoff.next()
                    }
                }
            }
            if let me { await leave(me) }
        }
    }

    /// How one batch went.
    private struct Turn {
        /// How many events ended.
        var handled = 0
        /// For how long the first of them had been due.
        var waited: Duration = .zero
        var leavesMore = false
    }

    private func handleBatch(in lane: Lane, for worker: Roster.Worker) async throws -> Turn {
        let end = try await store.claim(atMost: Self.batchLimit, in: lane, for: worker) { [decider] batch in
            (verdicts: try decider.handle(&batch), waited: batch.waited, leavesMore: batch.leavesMore)
        }
        guard let end else { return Turn() }
        verdicts.report(end.verdicts)
        return Turn(handled: end.verdicts.count, waited: end.waited, leavesMore: end.leavesMore)
    }

    /// An event that a process died of takes no other with it if it kills this one too.
    /// - Returns: how many events ended.
    private func handleSuspect(thatKilledAtMost deaths: Int, for worker: Roster.Worker) async throws -> Int {
        let ended = try await store.claim(atMost: 1, suspects: deaths, for: worker) { [decider] batch in
            try decider.handle(&batch)
        }
        verdicts.report(ended ?? [])
        return ended?.count ?? 0
    }

    /// What can be done about work that PostgreSQL refused.
    /// - Returns: the trouble that all events have and that can only be waited out; nil where it goes on.
    private func solve(_ error: any Error, for worker: Roster.Worker?) async -> (any Error)? {
        guard let worker, let failure = error as? BatchFailure, failure.blame != .database(.connection) else {
            return error
        }
        let unsolved = await handleOneByOne(failure, for: worker)
        do {
            // Neither another worker nor the next life of this process shall think that these are in its hands.
            try await store.roster.release(worker)
        } catch {
            return unsolved ?? error
        }
        return unsolved
    }

    /// A batch that PostgreSQL refused is tried again one by one, so that one event stops no other, and one customer no
    /// other's.
    private func handleOneByOne(_ failure: BatchFailure, for worker: Roster.Worker) async -> (any Error)? {
        var troubled: [BatchFailure.Event] = []
        var trouble: BatchFailure?
        var handled = 0
        for event in Self.differentFirst(failure.events) where !store.aside.contains(event.customerHash) {
            do {
                verdicts.report(
                    try await store.claim([event.id], for: worker) { [decider] batch in try decider.handle(&batch) })
                handled += 1
            } catch let failure as BatchFailure {
                switch failure.blame {
                case .event:
                    if let error = await fail(failure) { return error }
                    handled += 1
                case .database(.connection):
                    return failure
                case .database(.locks):
                    store.leaveAlone(failure.events, because: failure)
                case .database:
                    troubled += failure.events
                    trouble = failure
                    if handled == 0, Set(troubled.map(\.customerHash)).count >= Self.sample { return failure }
                }
            } catch {
                return error
            }
        }
        guard let trouble else { return nil }
        if handled == 0 { return trouble }
        store.aside.put(troubled.map(\.customerHash), for: Self.trouble)
        store.outages.failed(.events, trouble, count: troubled.count)
        return nil
    }

    /// One event of each customer, and then the rest.
    private static func differentFirst(_ events: [BatchFailure.Event]) -> [BatchFailure.Event] {
        var seen: Set<Int> = []
        var (first, rest): ([BatchFailure.Event], [BatchFailure.Event]) = ([], [])
        for event in events {
            if seen.insert(event.customerHash).inserted { first.append(event) } else { rest.append(event) }
        }
        return first + rest
    }

    /// First what the last life of this process left behind, before anything is taken in hand.
    private func enlist() async throws -> Roster.Worker {
        try await Undertaker(store, verdicts).buryPredecessors()
        return try await store.roster.enlist()
    }

    private func leave(_ worker: Roster.Worker) async {
        do {
            try await store.roster.discharge(worker)
        } catch {
            // Nothing is lost: the next process finds that nothing is in its hands.
            logger.debug("worker not struck off", metadata: ["error": "\(error)"])
        }
    }

    /// - Returns: why that could not be recorded: it is pending as before.
    private func fail(_ failure: BatchFailure) async -> (any Error)? {
        for event in failure.events {
            do {
                try await store.fail(event.id, error: failure.description)
            } catch {
                return error
            }
            let outcome = EventOutcome.failed(error: failure.description)
            verdicts.report([Decider.Verdict(id: event.id, type: event.type ?? "", outcome: outcome)])
        }
        return nil
    }
}
