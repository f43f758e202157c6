// SPDX-License-Identifier: Apache-2.0

import API
import Gateway
import HTTP
import HTTPTypes
import Hummingbird
import Notation
import Spool
import Store
import Telemetry
import Timing

/// What monitoring asks: is the process alive, is it ready, how is it doing.
struct HealthRoutes: Sendable {
    /// How long the database may take to report its state.
    private static let timeout: Duration = .seconds(2)

    private let health: HealthStore
    private let queue: EventQueue
    let outages: Outages
    let spool: Spool?
    let readiness: Readiness
    let metrics: PrometheusRegistry
    /// Nil for a process that answers no gateways.
    private let feed: ChangeFeed?
    /// Those whose events are compared with what came; nil if none are.
    private let reconciled: [String]?
    private let census: CustomerCensus

    init(
        health: HealthStore,
        queue: EventQueue,
        customers: CustomerStore,
        outages: Outages,
        spool: Spool?,
        readiness: Readiness,
        metrics: PrometheusRegistry,
        reconciled: [String]? = nil,
        feed: ChangeFeed? = nil
    ) {
        self.health = health
        self.queue = queue
        self.outages = outages
        self.spool = spool
        self.readiness = readiness
        self.metrics = metrics
        self.reconciled = reconciled
        self.feed = feed
        census = CustomerCensus(customers)
    }

    func registerLiveness(on routes: some RouterMethods<ListenerContext>) {
        routes.open(HealthAPI.alive) { (Object { $0.status = "alive" }, .ok) }
    }

    func register(on routes: some RouterMethods<ListenerContext>) {
        registerLiveness(on: routes)
        routes.open(HealthAPI.ready) { await isReady() }
        routes.open(raw: HealthAPI.metrics) { await exposition() }
    }

    /// Ready means: able to make events durable, in the database or in the spool, and not asked to stop.
    private func isReady() async -> (Object<HealthAPI.Ready>, HTTPResponse.Status) {
        let database = await databaseState()
        let spool = await spoolState()
        let canKeep =
            database.state == HealthAPI.DatabaseWord.up.rawValue || spool.state == HealthAPI.SpoolWord.up.rawValue
        let isReady = canKeep && !readiness.isStopping
        let document = Object<HealthAPI.Ready> {
            $0.status = word(isReady).rawValue
            $0.postgresql = database
            $0.spool = spool
        }
        return (document, isReady ? .ok : .serviceUnavailable)
    }

    func word(_ isReady: Bool) -> HealthAPI.ReadyWord {
        isReady ? .ready : readiness.isStopping ? .stopping : .unready
    }

    /// Its state, and why it is down, in words that name neither host nor role: anybody on this listener may ask.
    func databaseState() async -> Object<HealthAPI.DatabaseState> {
        let state = await Deadline.within(Self.timeout) { [health] () -> Object<HealthAPI.DatabaseState> in
            do {
                return Self.state(try await health.isWritable() ? .up : .readOnly)
            } catch {
                return Self.state(.down, DatabaseOutage.cause(of: error))
            }
        }
        return state ?? Self.state(.down)
    }

    private static func state(
        _ word: HealthAPI.DatabaseWord,
        _ cause: (code: String, advice: String)? = nil
    ) -> Object<HealthAPI.DatabaseState> {
        Object {
            $0.state = word.rawValue
            $0.cause = cause?.code
            $0.detail = cause?.advice
        }
    }

    private func spoolState() async -> Object<HealthAPI.SpoolState> {
        guard let spool else { return Object { $0.state = HealthAPI.SpoolWord.off.rawValue } }
        let state = spool.state
        let word: HealthAPI.SpoolWord =
            state.isFull ? .full : await Deadline.within(.seconds(1), spool.check) == true ? .up : .failing
        // After the check, which may have discovered it.
        let stuck = spool.state.stuck
        return Object {
            $0.state = word.rawValue
            $0.records = Int64(state.records)
            $0.bytes = Int64(state.bytes)
            $0.stuck = stuck > 0 ? Int64(stuck) : nil
        }
    }

    func exposition() async -> Response {
        // While the database is unavailable, a scrape still reports the rest, and that it is unavailable.
        var values = await Deadline.within(Self.timeout, measureQueue) ?? [Metric.postgresUp.scraped(0)]
        if let state = spool?.state {
            values.append(Metric.spoolRecords.scraped(Double(state.records)))
            values.append(Metric.spoolBytes.scraped(Double(state.bytes)))
        }
        if let spool,
            case .some(.some(let counts)) = await Deadline.within(.seconds(1), { try? await spool.setAsideCounts() })
        {
            values.append(Metric.spoolSetAside.scraped(Double(counts.damaged), "damaged"))
            values.append(Metric.spoolSetAside.scraped(Double(counts.refused), "refused"))
        }
        for (reason, count) in await census.counts() ?? [:] {
            values.append(Metric.customers.scraped(Double(count), reason.rawValue))
        }
        if let feed {
            values.append(Metric.feedReaders.scraped(Double(feed.polls.count), "poll"))
            values.append(Metric.feedReaders.scraped(Double(feed.streams.count), "stream"))
        }
        values.append(Metric.buildInfo.scraped(1, Version.current, Version.commit ?? "unknown"))
        let blocking = outages.blockingProcessing
        for trouble in Trouble.allCases where trouble != .spool {
            values.append(Metric.processingBlocked.scraped(blocking.contains(trouble) ? 1 : 0, trouble.rawValue))
        }
        values.append(Metric.processorSeconds.scraped(ProcessFigures.processorSeconds))
        if let bytes = ProcessFigures.residentBytes { values.append(Metric.residentMemory.scraped(bytes)) }
        let text = metrics.render(extra: values)
        return Response(
            status: .ok,
            headers: [.contentType: PrometheusRegistry.contentType],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text))
        )
    }

    private func measureQueue() async -> [ScrapedValue] {
        do {
            let (pending, oldestAge) = try await queue.depth()
            let waiting = try await health.countWaitingPurchases()
            let fetches = try await health.countWaitingFetches()
            let quarantined = try await health.countQuarantinedUsage()
            let lag = try await health.feedLag()
            var values: [ScrapedValue] = []
            if let reconciled {
                let at = try await health.reconciledAt(reconciled)
                values.append(Metric.reconciled.scraped(Double(at?.seconds ?? 0)))
            }
            return values + [
                Metric.postgresUp.scraped(1),
                Metric.queueDepth.scraped(Double(pending)),
                Metric.queueOldest.scraped(oldestAge / .seconds(1)),
                Metric.purchasesWaiting.scraped(Double(waiting)),
                Metric.stripeFetchesWaiting.scraped(Double(fetches)),
                Metric.usageQuarantined.scraped(Double(quarantined)),
                Metric.feedLag.scraped(lag / .seconds(1)),
            ]
        } catch {
            return [Metric.postgresUp.scraped(0)]
        }
    }
}
