// SPDX-License-Identifier: Apache-2.0

import Logging
import Postgres

/// All of Tollgate's SQL, in stores that each do one thing and are passed to the code that needs it: one method is one
/// business action is one transaction. Only the code that wires a process together holds all of them.
package final class Store: Sendable {
    package let inbox: Inbox
    package let queue: EventQueue
    package let accessChanges: Announcements
    package let access: AccessReader
    package let accessFeed: AccessFeed
    package let changes: ChangeReader
    package let keyChanges: Announcements
    package let keys: APIKeyReader
    package let keyStore: APIKeyStore
    package let customers: CustomerStore
    package let events: EventStore
    package let health: HealthStore
    package let operators: OperatorStore
    package let prices: PriceStore
    package let purchases: PurchaseStore
    package let plans: PlanStore
    package let tariffs: TariffReader
    package let rates: RateStore
    package let usage: UsageStore
    package let quarantine: QuarantineStore
    package let corrections: CorrectionStore
    package let replays: ReplayStore
    package let replaySteps: ReplaySteps
    package let backfills: BackfillStore
    package let listings: ListingSteps
    package let refetches: RefetchStore
    package let fetches: FetchSteps
    package let retention: RetentionStore
    package let spending: SpendingStore
    package let balances: BalanceReader
    package let usageReads: UsageReader
    package let sweeps: SweepStore
    /// Where every part reports trouble with the database.
    package let outages: Outages
    /// How many workers of this process may work at once.
    package let workers: Int
    private let pools: Pools

    /// Opens nothing yet.
    /// - Parameters:
    ///   - process: identifies this process among all that work on the database; drawn at random.
    ///   - workers: how many there are; each has its own connection.
    package init(
        _ source: DataSource,
        process: Int32 = .random(in: 1 ... .max),
        workers: Int = PoolSizes.standardWorkers,
        logger: Logger
    ) {
        self.workers = workers
        pools = Pools(source, PoolSizes(workers: workers))
        outages = Outages(logger: logger)
        accessChanges = .ofCustomers()
        keyChanges = .ofKeys()
        queue = EventQueue(
            registry: WorkerRegistry(pools.registry, process: process), signal: WorkSignal(), outages: outages,
            telling: accessChanges, processing: pools.processing, operators: pools.operators, figures: pools.figures)
        inbox = Inbox(pools.ingest, workSignal: queue.signal, outages: outages, logger: logger)
        access = AccessReader(pools.gateways)
        accessFeed = AccessFeed(database: pools.listening, customers: accessChanges, keys: keyChanges)
        changes = ChangeReader(database: pools.feed)
        keys = APIKeyReader(pools.gateways)
        keyStore = APIKeyStore(database: pools.operators, keys: keyChanges, customers: accessChanges)
        customers = CustomerStore(database: pools.operators)
        events = EventStore(database: pools.operators)
        operators = OperatorStore(database: pools.operators, changes: accessChanges)
        prices = PriceStore(database: pools.operators)
        purchases = PurchaseStore(database: pools.operators)
        plans = PlanStore(database: pools.operators)
        tariffs = TariffReader(database: pools.gateways)
        rates = RateStore(database: pools.operators)
        usage = UsageStore(pools.usage, tariffs: tariffs, changes: accessChanges)
        quarantine = QuarantineStore(database: pools.operators)
        corrections = CorrectionStore(database: pools.processing, tariffs: tariffs, changes: accessChanges)
        replays = ReplayStore(database: pools.operators)
        replaySteps = ReplaySteps(database: pools.processing, signal: queue.signal)
        backfills = BackfillStore(database: pools.operators)
        listings = ListingSteps(database: pools.processing, inbox: inbox, signal: queue.signal)
        refetches = RefetchStore(database: pools.operators)
        fetches = FetchSteps(database: pools.processing, signal: queue.signal)
        retention = RetentionStore(database: pools.processing)
        spending = SpendingStore(pools.spending, changes: accessChanges)
        balances = BalanceReader(database: pools.gateways)
        usageReads = UsageReader(database: pools.gateways)
        sweeps = SweepStore(database: pools.processing, changes: accessChanges)
        health = HealthStore(readiness: pools.readiness, figures: pools.figures)
    }

    /// Closes all connections once running work is done.
    package func close() async throws { try await pools.close() }
}
