// SPDX-License-Identifier: Apache-2.0

import Postgres

/// Where received events wait until a worker has handled them, and all that can happen to them there; `EventState`
/// draws it. Code that handles events knows only this interface, not how the next ones are picked, which is in
/// `EventQueue+Claims.swift`. What it promises is in `EventQueueTests`:
///
/// - A received event is pending until it ends; each end is one attempt, and commits together with what the event did.
/// - An event is held by one worker at a time, as are all events of a customer if workers keep to their partitions.
/// - A claim that is not completed, whatever ends it, leaves its events pending as before.
/// - A poison event, of which processes die, ends as failed after a few of them, and takes no other event along.
/// - Nothing is promised about the order.
package struct EventQueue: Sendable {
    let registry: WorkerRegistry
    private let crashes: CrashLedger
    /// Notified when events have become pending in this process.
    package let signal: WorkSignal
    let aside = SetAside()
    /// Shared by all workers of this process.
    var floor = SharedClaimFloor()
    let outages: Outages
    let changes: Announcements
    /// For workers.
    let processing: Database
    /// For operators.
    let operators: Database
    private let figures: Database

    init(
        registry: WorkerRegistry,
        signal: WorkSignal,
        outages: Outages,
        telling changes: Announcements,
        processing: Database,
        operators: Database,
        figures: Database
    ) {
        self.registry = registry
        crashes = CrashLedger(registry)
        self.signal = signal
        self.outages = outages
        self.changes = changes
        self.processing = processing
        self.operators = operators
        self.figures = figures
    }

    /// Registers one more worker of this process: only what a registered worker holds can be rescued.
    package func register() async throws -> WorkerRegistry.Worker { try await registry.register() }

    package func deregister(_ worker: WorkerRegistry.Worker) async throws { try await registry.deregister(worker) }

    /// Gives back what a worker holds, so that any worker may take it.
    package func release(_ worker: WorkerRegistry.Worker) async throws { try await registry.release(worker) }

    /// Processes without a session. One that has only lost its connection gets it back within seconds.
    package func deadProcesses() async throws -> Set<Int> { try await crashes.deadProcesses() }

    /// Makes suspects of the events that a dead process held, counts the crashes of those that already were suspects,
    /// and deregisters its workers.
    /// - Returns: the events that failed.
    package func rescueEvents(of process: Int) async throws -> [EventResult] {
        try await crashes.rescueEvents(of: process)
    }

    /// Ends one pending event that the database refuses to store.
    package func fail(_ event: String, error: String) async throws {
        try await processing.transaction { connection in
            guard try EventRows.lock(event, connection)?.state == .pending else { return }
            try connection.commit {
                EventRows.make([EventRows.Change(event: event, transition: .failed(error: error))], in: $0)
            }
        }
    }

    /// Lets an event that has ended run again; every earlier attempt is kept.
    package func requeue(_ event: String, by name: String) async throws -> RequeueResult {
        let result: RequeueResult = try await operators.transaction { connection in
            let transition = EventTransition.requeued(by: name)
            guard let standing = try EventRows.lock(event, connection) else { return .unknown }
            guard transition.sources.contains(standing.state) else { return .pending }
            if standing.isPruned { return .pruned }
            try connection.commit { EventRows.make([EventRows.Change(event: event, transition: transition)], in: $0) }
            return .queued
        }
        if result == .queued { signal.notify() }
        return result
    }

    /// Makes the workers of this process leave the customers of these events alone for a while.
    package func setAside(_ events: [BatchFailure.Event], for duration: Duration) {
        aside.put(events.map(\.customerHash), for: duration)
    }

    /// Whether its customer is currently left alone.
    package func isAside(_ event: BatchFailure.Event) -> Bool { aside.contains(event.customerHash) }

    /// The same for events of customers whose rows somebody else holds; also reports it.
    package func leaveAlone(_ events: [BatchFailure.Event], because failure: BatchFailure) {
        guard !events.isEmpty else { return }
        setAside(events, for: Self.lockedOutPause)
        outages.failed(.locks, .locks, failure.description, count: events.count)
    }

    /// How many events are pending, and how long the oldest of those that are due has been.
    package func depth() async throws -> (pending: Int, oldestAge: Duration) {
        try await figures.transaction { connection in
            let row = try connection.execute(
                """
                SELECT count(*) AS pending,
                       make_interval(secs => coalesce(extract(epoch FROM
                           clock_timestamp() - min(run_at) FILTER (WHERE run_at <= clock_timestamp())), 0)::float8) AS age
                FROM tollgate.event_work
                WHERE status = 'pending'
                """
            ).only
            return (try row["pending"], try row["age"])
        }
    }

    /// How often workers have waited for the database: the network determines what each round trip costs.
    package var roundTrips: Int { processing.roundTrips + registry.roundTrips }
}
