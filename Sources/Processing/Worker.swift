// SPDX-License-Identifier: Apache-2.0

import Billing
import Logging
import Metrics
import ServiceLifecycle
import Store
import Timing

/// Takes pending events from the inbox, decides and applies them, until shutdown. Separate from the code that answers
/// Stripe: processing may fall behind, acknowledgements may not. So it rests while much arrives in the same process.
package struct Worker: Service {
    /// Larger batches gain little, and hold their customers' accounts longer.
    private static let batchLimit = 256
    /// How long to leave a customer alone if the database cannot process that customer's events and no others: one
    /// damaged page, or a row that a newer version wrote.
    private static let trouble: Duration = .seconds(10)
    /// Events of this many customers are tried one by one before the trouble is taken to be general.
    private static let sample = 3
    /// How long the end of a worker waits for the database.
    private static let leaveTime: Duration = .seconds(2)

    private let queue: EventQueue
    private let outages: Outages
    private let arrivals: @Sendable () -> BatchCounts
    /// Only the first of a process's workers takes suspects, so that if the process dies, at most one event is counted.
    private let partition: Partition
    private let handler: BatchHandler
    private let reporter: ResultReporter
    private let logger: Logger

    /// - Parameters:
    ///   - arrivals: what the inbox of this process has written so far, which comes first.
    ///   - partition: a different one for each worker of a process.
    ///   - asksStripe: whether somebody asks Stripe for what events only point to.
    ///   - strangers: the process's; without it, nobody is told about them.
    package init(
        _ queue: EventQueue,
        outages: Outages,
        arrivals: @escaping @Sendable () -> BatchCounts,
        in partition: Partition = .whole,
        policy: Policy,
        metrics: any MetricsFactory,
        strangers: StrangerLog? = nil,
        asksStripe: Bool = false,
        logger: Logger
    ) {
        self.queue = queue
        self.outages = outages
        self.arrivals = arrivals
        self.partition = partition
        handler = BatchHandler(policy: policy, asksStripe: asksStripe)
        reporter = ResultReporter(counters: OutcomeCounters(metrics), strangers: strangers, logger: logger)
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            var pacing = WorkerPacing(partition, startedAt: .now, inbox: arrivals())
            var turn = WorkerPacing.Turn.none
            var registered: WorkerRegistry.Worker?
            while !Task.isCancelled {
                do {
                    turn = try await take(pacing.next(after: turn, at: .now), as: &registered)
                } catch is CancellationError {
                    break
                } catch is WorkerRegistry.Deregistered {
                    registered = nil
                    turn = .interrupted
                } catch {
                    guard !Task.isCancelled else { break }
                    // Nothing was committed and nothing counts as an attempt: the events are pending as before.
                    turn = .interrupted
                    if let unsolved = await solve(error, for: registered) {
                        outages.failed(.processing, unsolved)
                        turn = .failed(random: .random(in: 0.5...1))
                    }
                }
            }
            if let registered { await leave(registered) }
        }
    }

    private func take(
        _ step: WorkerPacing.Step,
        as registered: inout WorkerRegistry.Worker?
    ) async throws -> WorkerPacing.Turn {
        switch step {
        case .rest(let duration):
            try await Task.sleep(for: duration)
            return .rested
        case .waitForWork(let limit):
            await queue.signal.wait(atMost: limit)
            return .waited
        case .claim(let partition):
            let worker = try await register(&registered)
            let batch = try await handleBatch(in: partition, for: worker)
            outages.worked(.processing)
            return .claimed(batch)
        case .claimSuspect(let crashes):
            let worker = try await register(&registered)
            return .claimedSuspect(handled: try await handleSuspect(withCrashesAtMost: crashes, for: worker))
        }
    }

    private func handleBatch(
        in partition: Partition,
        for worker: WorkerRegistry.Worker
    ) async throws -> WorkerPacing.Batch {
        let began = ContinuousClock.now
        let end = try await queue.claim(atMost: Self.batchLimit, in: partition, for: worker) { [handler] batch in
            (results: try handler.handle(&batch), waited: batch.waited, leavesMore: batch.leavesMore)
        }
        reporter.report(end?.results ?? [])
        return WorkerPacing.Batch(
            handled: end?.results.count ?? 0, took: began.duration(to: .now), waited: end?.waited ?? .zero,
            leavesMore: end?.leavesMore ?? false, inbox: arrivals())
    }

    /// A suspected poison event runs alone, so that it takes no other with it if it kills this process too.
    /// - Returns: how many events ended.
    private func handleSuspect(withCrashesAtMost crashes: Int, for worker: WorkerRegistry.Worker) async throws -> Int {
        let results = try await queue.claim(atMost: 1, suspects: crashes, for: worker) { [handler] batch in
            try handler.handle(&batch)
        }
        reporter.report(results ?? [])
        return results?.count ?? 0
    }

    /// Handles a failure of work that PostgreSQL refused.
    /// - Returns: the trouble that affects all events and can only be waited out; nil if work can go on.
    private func solve(_ error: any Error, for worker: WorkerRegistry.Worker?) async -> (any Error)? {
        guard let worker, let failure = error as? BatchFailure, failure.blame != .database(.connection) else {
            return error
        }
        let unsolved = await handleOneByOne(failure, for: worker)
        do {
            // Neither another worker nor the restarted process may think that these are still being handled.
            try await queue.release(worker)
        } catch {
            return unsolved ?? error
        }
        return unsolved
    }

    /// Retries a batch that PostgreSQL refused, one event at a time, so that no event stops another and no customer
    /// stops another.
    private func handleOneByOne(_ failure: BatchFailure, for worker: WorkerRegistry.Worker) async -> (any Error)? {
        var troubled: [BatchFailure.Event] = []
        var trouble: BatchFailure?
        var handled = 0
        for event in Self.differentFirst(failure.events) where !queue.isAside(event) {
            do {
                reporter.report(
                    try await queue.claim([event.id], for: worker) { [handler] batch in try handler.handle(&batch)
                    })
                handled += 1
            } catch let failure as BatchFailure {
                switch failure.blame {
                case .event:
                    if let error = await fail(failure) { return error }
                    handled += 1
                case .database(.connection):
                    return failure
                case .database(.locks):
                    queue.leaveAlone(failure.events, because: failure)
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
        queue.setAside(troubled, for: Self.trouble)
        outages.failed(.events, trouble, count: troubled.count)
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

    /// Before claiming anything, releases what an earlier process left behind.
    private func register(_ registered: inout WorkerRegistry.Worker?) async throws -> WorkerRegistry.Worker {
        if let registered { return registered }
        try await Rescuer(queue, outages: outages, reporter).rescuePredecessors()
        let worker = try await queue.register()
        registered = worker
        return worker
    }

    /// What it has taken and not begun is free at once. Otherwise the next process would take it for what this one died
    /// of.
    private func leave(_ worker: WorkerRegistry.Worker) async {
        // In a task of its own: this one is canceled, so the database would not even be asked.
        let failure = await Deadline.within(Self.leaveTime) { [queue] () -> String? in
            do {
                try await queue.deregister(worker)
                return nil
            } catch {
                return "\(error)"
            }
        }
        guard let error = failure ?? "the database did not answer in time" else { return }
        logger.debug("worker not deregistered", metadata: ["error": "\(error)"])
    }

    /// - Returns: why that could not be recorded; the event is then pending as before.
    private func fail(_ failure: BatchFailure) async -> (any Error)? {
        for event in failure.events {
            do {
                try await queue.fail(event.id, error: failure.description)
            } catch {
                return error
            }
            let transition = EventTransition.failed(error: failure.description)
            reporter.report([
                EventResult(event: event.id, type: event.type ?? "", transition, loggable: failure.loggable)
            ])
        }
        return nil
    }
}
