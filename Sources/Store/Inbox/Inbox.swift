// SPDX-License-Identifier: Apache-2.0

import Logging
import Postgres

/// Makes deliveries durable, many with one commit.
package struct Inbox: Sendable {
    /// The delivery is not known to be durable: it belongs in the spool, or Stripe must send it again.
    package struct Unavailable: Error, Hashable {
        package init() {}
    }

    /// The result for one of many deliveries.
    package enum InsertResult: Sendable, Hashable {
        case stored
        /// It was already there, or twice in one batch.
        case duplicate
        /// PostgreSQL rejects its values as such; why, without any of them.
        case refused(String)
    }

    /// Beyond this, more rows in one statement gain little and delay the first.
    package static let batchLimit = 64
    /// Whatever waits beyond that is refused at once: it could not be written in time.
    private static let queueLimit = 4096

    /// Open while the database does not accept events: then nobody waits for it.
    package let breaker: CircuitBreaker

    private let table: InboxTable
    private let writes: GroupCommit<Delivery, InsertResult>
    private let workSignal: WorkSignal
    package let outages: Outages
    private let logger: Logger

    init(_ database: Database, workSignal: WorkSignal, outages: Outages, logger: Logger) {
        let breaker = CircuitBreaker()
        self.breaker = breaker
        table = InboxTable(database)
        self.workSignal = workSignal
        self.outages = outages
        self.logger = logger
        writes = GroupCommit(database, limit: Self.batchLimit, queueLimit: Self.queueLimit) { deliveries, connection in
            let results = try InboxTable.insert(deliveries, connection)
            // The workers are told before Stripe is, because they have more to do.
            if results.contains(.stored) { workSignal.notify() }
            return results
        } gaveUp: { failure, count in
            breaker.open()
            switch failure {
            case .database(let error): outages.failed(.inbox, error, count: count)
            case .late, .overload:
                outages.failed(.inbox, .server, "the database did not answer in time", count: count)
            }
        }
    }

    /// What has been sent to the database so far. The more events arrive during one commit, the larger the next.
    package var written: BatchCounts { writes.counts }

    /// Takes a delivery, and answers once it is durable; from any thread, and at once if it cannot be.
    /// - Parameter deadline: when to give up; a write that is still in flight may then yet succeed, which the unique id
    ///   resolves at the next delivery.
    package func receive(
        _ delivery: Delivery,
        by deadline: ContinuousClock.Instant,
        _ answer: @escaping @Sendable (Result<Receipt, Unavailable>) -> Void
    ) {
        guard !breaker.isOpen else { return answer(.failure(Unavailable())) }
        writes.add(delivery, by: deadline) { [logger] result in
            switch result {
            case .success(.stored): answer(.success(delivery.quarantine == nil ? .accepted : .quarantined))
            case .success(.duplicate): answer(.success(.duplicate))
            case .success(.refused(let reason)):
                Self.report(refused: delivery, reason, logger)
                answer(.failure(Unavailable()))
            case .failure: answer(.failure(Unavailable()))
            }
        }
    }

    /// Says that PostgreSQL rejects a delivery.
    /// - Parameter reason: without any of its values.
    func report(refused delivery: Delivery, _ reason: String) { Self.report(refused: delivery, reason, logger) }

    private static func report(refused delivery: Delivery, _ reason: String, _ logger: Logger) {
        logger.error("an event was refused", metadata: ["event": "\(delivery.id)", "error": "\(reason)"])
    }

    /// Returns once the delivery is durable.
    /// - Throws: `Unavailable`.
    package func receive(
        _ delivery: Delivery,
        by deadline: ContinuousClock.Instant
    ) async throws(Unavailable) -> Receipt {
        try await withCheckedContinuation { continuation in
            receive(delivery, by: deadline) { continuation.resume(returning: $0) }
        }.get()
    }

    /// Writes what was kept elsewhere, in order; waits for the database for as long as it takes to fail.
    /// - Returns: the result for each.
    /// - Throws: `PostgresError`; then nothing is known to be written.
    package func insert(_ deliveries: [Delivery]) async throws -> [InsertResult] {
        let results = try await table.insert(deliveries)
        if results.contains(where: { $0 != .duplicate }) { workSignal.notify() }
        return results
    }

    /// Probes the database if it may not be accepting events.
    /// - Throws: `PostgresError` while it does not.
    package func probeIfDoubted() async throws {
        if breaker.isOpen || outages.isDoubted(by: .inbox) { try await probe() }
    }

    /// Closes the circuit breaker if the database accepts events again.
    /// - Throws: `PostgresError` while it does not.
    package func probe() async throws {
        try await table.probe()
        breaker.close()
        outages.worked(.inbox)
    }
}
