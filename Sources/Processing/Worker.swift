import Billing
import Logging
import Metrics
import ServiceLifecycle
import Store

/// Takes pending events from the inbox, decides and applies them, until shutdown. Separate from what answers Stripe: it
/// may fall behind, the acknowledgements may not. So it rests while much arrives in the same process.
public struct Worker: Service {
    /// More gain little, and hold their customers' accounts longer.
    private static let batchLimit = 256
    /// The longest that work from another process waits to be seen by the first worker of this one.
    private static let pollInterval: Duration = .milliseconds(250)
    /// The others come where there is more than the first takes: for that, later is soon enough.
    private static let sparePollInterval: Duration = .seconds(1)
    /// Suspects are few, and none of them is urgent.
    private static let suspectInterval: Duration = .seconds(1)

    private let store: Store
    /// Of several workers in a process the first alone takes suspects: where the process dies, one at most is counted.
    private let lane: Lane
    private let decider: Decider
    private let counters: OutcomeCounters
    private let strangers: StrangerLog?
    private let logger: Logger

    /// - Parameters:
    ///   - lane: a different one for each worker of a process.
    ///   - strangers: the process's; without it nobody is told of them.
    public init(
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
        counters = OutcomeCounters(metrics)
        self.strangers = strangers
        self.logger = logger
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            var pause = Pause()
            var me: Roster.Worker?
            var seen = store.inbox.taken
            // Where little is due, anybody takes it.
            var lane = Lane.whole
            var suspectsDue = ContinuousClock.now
            while !Task.isCancelled {
                do {
                    let worker = if let me { me } else { try await enlist() }
                    me = worker
                    let began = ContinuousClock.now
                    let (handled, waited) = try await handleBatch(in: lane, for: worker)
                    pause.reset()
                    let taken = store.inbox.taken
                    let arrivals = Double(taken.items - seen.items) / Double(max(1, taken.batches - seen.batches))
                    seen = taken
                    if handled > 0 {
                        let rest = Restraint.pause(
                            after: began.duration(to: .now), arrivals: arrivals, waited: waited)
                        if rest > .zero { try await Task.sleep(for: rest) }
                    }
                    guard handled < Self.batchLimit else {
                        lane = self.lane
                        continue
                    }
                    var suspects = 0
                    if self.lane.isFirst, suspectsDue <= .now {
                        suspects = try await handleSuspect(for: worker)
                        if suspects == 0 { suspectsDue = .now + Self.suspectInterval }
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
                } catch let failure as BatchFailure where !failure.isConnectionLoss {
                    if let me { await handleOneByOne(failure, for: me) }
                } catch {
                    // Nothing was committed and nothing counts as an attempt: the events are pending as before.
                    logger.error("processing is waiting for the database", metadata: ["error": "\(error)"])
                    await pause.next()
                }
            }
            if let me { await leave(me) }
        }
    }

    /// - Returns: how many events ended, and for how long the first of them had been due.
    private func handleBatch(in lane: Lane, for worker: Roster.Worker) async throws -> (handled: Int, waited: Duration)
    {
        let end = try await store.claim(atMost: Self.batchLimit, in: lane, for: worker) { [decider] batch in
            (verdicts: try decider.handle(&batch), waited: batch.waited)
        }
        return (report(end?.verdicts ?? []), end?.waited ?? .zero)
    }

    /// An event that a process died of takes no other with it if it kills this one too.
    /// - Returns: how many events ended.
    private func handleSuspect(for worker: Roster.Worker) async throws -> Int {
        let verdicts = try await store.claim(atMost: 1, suspects: true, for: worker) { [decider] batch in
            try decider.handle(&batch)
        }
        return report(verdicts ?? [])
    }

    /// A batch that PostgreSQL refused is tried again one by one, so that one event stops no other.
    private func handleOneByOne(_ failure: BatchFailure, for worker: Roster.Worker) async {
        for event in failure.events {
            do {
                _ = report(
                    try await store.claim([event], for: worker) { [decider] batch in try decider.handle(&batch) })
            } catch let failure as BatchFailure where !failure.isConnectionLoss {
                await fail(failure)
            } catch {
                return  // the main loop meets the same and reports it
            }
        }
    }

    /// First what the last life of this process left behind, before anything is taken in hand.
    private func enlist() async throws -> Roster.Worker {
        try await Undertaker(store, logger: logger).buryPredecessors()
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

    private func fail(_ failure: BatchFailure) async {
        for event in failure.events {
            do {
                let attempt = try await store.attempts(at: event) + 1
                let delay = failure.isTransient ? Backoff.delay(after: attempt, random: .random(in: 0...1)) : nil
                try await store.fail(event, error: failure.description, retryAfter: delay)
                if delay == nil {
                    _ = report([Decider.Verdict(id: event, type: "", outcome: .failed(error: failure.description))])
                } else {
                    logger.warning("event will be retried", metadata: ["event": "\(event)", "error": "\(failure)"])
                }
            } catch {
                logger.error("failure not recorded", metadata: ["event": "\(event)", "error": "\(error)"])
            }
        }
    }

    /// - Returns: how many there are.
    private func report(_ verdicts: [Decider.Verdict]) -> Int {
        counters.count(verdicts)
        strangers?.ended(verdicts)
        for verdict in verdicts { log(verdict) }
        return verdicts.count
    }

    private func log(_ verdict: Decider.Verdict) {
        switch verdict.outcome {
        case .failed(let error), .quarantined(let error):
            logger.warning(
                "event failed",
                metadata: ["event": "\(verdict.id)", "type": "\(verdict.type)", "error": "\(error)"]
            )
        case .processed, .ignored:
            logger.debug(
                "event handled",
                metadata: [
                    "event": "\(verdict.id)", "type": "\(verdict.type)", "outcome": "\(verdict.outcome.status)",
                ]
            )
        }
    }
}
