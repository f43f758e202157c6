// SPDX-License-Identifier: Apache-2.0

import Billing
import Logging
import Postgres

/// All of Tollgate's SQL, in stores that each can do one thing and are given to whoever needs that: one method is one
/// business act is one transaction. Ingest, processing, gateways, operators and those who watch over the process have pools
/// of their own, so that none can starve another.
package final class Store: Sendable {
    package let inbox: Inbox
    package let queue: EventQueue
    package let accessChanges: AccessChanges
    package let access: AccessReader
    package let accessFeed: AccessFeed
    package let customers: CustomerStore
    package let events: EventStore
    package let health: HealthStore
    package let operators: OperatorStore
    package let prices: PriceStore
    package let purchases: PurchaseStore
    package let retention: RetentionStore
    /// Where whoever has trouble with the database says so.
    package let outages: Outages
    /// How many workers of this process may work at once.
    package let workers: Int
    let processing: Database
    /// What operators read and change.
    let reads: Database
    /// For `/metrics`: its counts may take a while.
    let figures: Database
    private let gateways: Database
    private let readiness: Database
    private let listening: Database
    private let ingest: Database
    private let registryPool: Database

    /// Opens nothing yet.
    /// - Parameters:
    ///   - process: names this process among all that work on the database; drawn at random.
    ///   - workers: how many of them have a connection each.
    package init(
        _ source: DataSource,
        process: Int32 = .random(in: 1 ... .max),
        workers: Int = PoolSizes.standardWorkers,
        logger: Logger
    ) {
        let sizes = PoolSizes(workers: workers)
        self.workers = workers
        outages = Outages(logger: logger)
        accessChanges = AccessChanges()
        ingest = Database(
            source,
            connections: sizes.ingest,
            settings: SessionSettings(
                applicationName: "tollgate-ingest",
                connectTimeout: .seconds(2),
                statementTimeout: .seconds(5),
                lockTimeout: .seconds(2),
                idleInTransactionTimeout: .seconds(5),
                policy: SessionPolicy.durable
            )
        )
        processing = Database(
            source,
            connections: sizes.processing,
            settings: SessionSettings(applicationName: "tollgate-worker", policy: SessionPolicy.durable)
        )
        listening = Database(
            source,
            connections: sizes.listening,
            settings: SessionSettings(
                applicationName: "tollgate-listener", connectTimeout: .seconds(2), statementTimeout: .seconds(2),
                policy: SessionPolicy.durable)
        )
        // What it holds only matters while the server stands.
        registryPool = Database(
            source,
            connections: sizes.registry,
            settings: SessionSettings(
                applicationName: "tollgate-registry", connectTimeout: .seconds(2), statementTimeout: .seconds(10),
                policy: SessionPolicy.fleeting)
        )
        reads = Database(
            source,
            connections: sizes.operators,
            settings: SessionSettings(
                applicationName: "tollgate-api",
                connectTimeout: .seconds(2),
                statementTimeout: .seconds(5),
                lockTimeout: .seconds(3),
                idleInTransactionTimeout: .seconds(5),
                policy: SessionPolicy.durable
            )
        )
        let short = SessionSettings(
            applicationName: "tollgate-gateway", connectTimeout: .seconds(2), statementTimeout: .seconds(5),
            lockTimeout: .seconds(3), idleInTransactionTimeout: .seconds(5), policy: SessionPolicy.durable)
        gateways = Database(source, connections: sizes.gateways, settings: short)
        var watching = short
        watching.applicationName = "tollgate-metrics"
        figures = Database(source, connections: sizes.figures, settings: watching)
        watching.applicationName = "tollgate-readiness"
        watching.statementTimeout = .seconds(2)
        readiness = Database(source, connections: sizes.readiness, settings: watching)
        access = AccessReader(gateways)
        accessFeed = AccessFeed(database: listening, changes: accessChanges)
        customers = CustomerStore(database: reads)
        events = EventStore(database: reads)
        health = HealthStore(readiness: readiness, figures: figures)
        operators = OperatorStore(database: reads, changes: accessChanges)
        prices = PriceStore(database: reads)
        purchases = PurchaseStore(database: reads)
        retention = RetentionStore(database: processing)
        queue = EventQueue(
            registry: WorkerRegistry(registryPool, process: process), signal: WorkSignal(), outages: outages,
            telling: accessChanges, processing: processing, operators: reads, figures: figures)
        inbox = Inbox(ingest, workSignal: queue.signal, outages: outages, logger: logger)
    }

    /// Closes all connections once running work is done.
    package func close() async throws {
        try await ingest.shutdown()
        try await processing.shutdown()
        try await registryPool.shutdown()
        try await listening.shutdown()
        try await reads.shutdown()
        try await gateways.shutdown()
        try await figures.shutdown()
        try await readiness.shutdown()
    }
}
