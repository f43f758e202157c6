// SPDX-License-Identifier: Apache-2.0

import Billing
import Fetching
import FoundationEssentials
import Gateway
import HTTP
import Ingest
import Logging
import Metering
import MeteringServices
import Notation
import Postgres
import Processing
import Server
import ServiceLifecycle
import Settings
import Spool
import Store
import Stripe
import StripeAPI
import Telemetry

/// One process of the service: its parts, wired together.
struct App {
    /// What to do with the addresses once both listeners are listening.
    typealias Bound = @Sendable (_ public: ListenerAddress, _ private: ListenerAddress) async throws -> Void

    /// What answers requests, and the parts of it that others wait for.
    struct Listeners: Sendable {
        let parts: [any Service]
        /// Nil if nothing is received.
        let publicListener: Listener?
        let privateListener: Listener
        let readiness: Readiness
    }

    /// What all parts share.
    private struct Shared {
        let store: Store
        /// Nil if nothing is spooled.
        let spool: Spool?
        let policy: Policy
        let metrics: PrometheusRegistry
        /// Nil without a key, or if nothing is processed.
        let stripe: StripeClient?
        /// How many this process may have; nil if unknown.
        let descriptors: Int?
    }

    private let configuration: Configuration
    private let source: DataSource
    private let pending: SchemaPreparation.Pending?
    private let signals: StopSignals
    private let manager: ServiceManager
    private let logger: Logger

    /// - Parameters:
    ///   - configuration: its profile determines which parts run.
    ///   - pending: what must be done before the database can be used.
    ///   - signals: end the process.
    ///   - notifySocket: where systemd wants to be told that it is ready.
    init(
        _ configuration: Configuration,
        _ source: DataSource,
        pending: SchemaPreparation.Pending? = nil,
        signals: StopSignals,
        notifySocket: String? = nil
    ) {
        self.configuration = configuration
        self.source = source
        self.pending = pending
        self.signals = signals
        logger = Logger(label: "tollgate", configuration)
        manager = ServiceManager(address: notifySocket, logger: logger)
    }

    /// Runs until the signals ask it to stop.
    func run(bound: @escaping Bound = { _, _ in }) async throws {
        try await run(bound, endsWithIt: false)
    }

    /// Runs until `story` has ended, or a signal arrives.
    func run(untilEndOf story: @escaping Bound) async throws {
        try await run(story, endsWithIt: true)
    }

    private func run(_ bound: @escaping Bound, endsWithIt: Bool) async throws {
        var summary = configuration.summary
        summary["version"] = "\(Version.current)"
        summary["commit"] = "\(Version.commit ?? "unknown")"
        summary["part"] = configuration.profile.part.map { "\($0)" }
        logger.info("starting", metadata: summary)
        let descriptors = try Descriptors.raiseLimit()
        let spool =
            configuration.profile.answersRequests ? try ServedSpool.open(configuration, logger: logger) : nil
        let metrics = PrometheusRegistry(help: Metric.help)
        let stripe = configuration.profile.processesEvents ? StripeClient(configuration, metrics: metrics) : nil
        try await withResource(Store(source, logger: logger)) { store in
            try await withResource(spool) { spool in
                try await withResource(stripe) { stripe in
                    let shared = Shared(
                        store: store, spool: spool?.spool, policy: Policy(configuration), metrics: metrics,
                        stripe: stripe, descriptors: descriptors)
                    try await run(shared, bound, endsWithIt: endsWithIt)
                }
            }
        }
        logger.info("stopped")
    }

    private func run(_ shared: Shared, _ bound: @escaping Bound, endsWithIt: Bool) async throws {
        let listeners = try listeners(shared)
        let reporter = StartupReporter(
            listeners: listeners, manager: manager, logger: logger, bound: bound, endsWithIt: endsWithIt)
        // They stop in reverse order: what answers Stripe first, what it needs last.
        let parts = watching(shared) + processing(shared) + listeners.parts
        try await group(parts, endingWith: [signals, reporter]).run()
    }

    // MARK: Parts

    /// What watches the database; it starts before all other parts, because they would all meet the same trouble.
    private func watching(_ shared: Shared) -> [any Service] {
        let outages = shared.store.outages
        guard let pending else { return [OutageWatch(outages)] }
        outages.failed(.schema, pending.error, isReported: true)
        return [OutageWatch(outages), SchemaPreparation.Later(pending: pending, outages: outages, logger: logger)]
    }

    private func processing(_ shared: Shared) -> [any Service] {
        guard configuration.profile.processesEvents else { return [] }
        let (store, policy, metrics) = (shared.store, shared.policy, shared.metrics)
        let strangers = StrangerLog(policy: policy, now: Self.now, logger: logger)
        let workers: [any Service] = Partition.all(of: store.workers).map { partition in
            Worker(
                store.queue, outages: store.outages, arrivals: { store.inbox.written }, in: partition, policy: policy,
                metrics: metrics, strangers: strangers, asksStripe: shared.stripe != nil, logger: logger)
        }
        return workers + [
            Sweeper(store.sweeps, outages: store.outages, policy: policy, logger: logger),
            Rescuer(store.queue, outages: store.outages, metrics: metrics, logger: logger),
            Replayer(store.replaySteps, outages: store.outages, logger: logger),
            Pruner(store.retention, outages: store.outages, retention: configuration.retention, logger: logger),
            RateCorrector(
                store.corrections,
                policies: UsageStore.Policies(access: policy, charges: ChargePolicy(configuration)),
                outages: store.outages, logger: logger),
        ] + fetching(shared)
    }

    /// What asks Stripe for what did not come.
    private func fetching(_ shared: Shared) -> [any Service] {
        guard let stripe = shared.stripe else { return [] }
        let (store, holder) = (shared.store, ListingSteps.newHolder())
        let backfiller = Backfiller(
            BackfillRun(stripe, store.listings, holder: holder), outages: store.outages, logger: logger)
        let fetcher = Fetcher(
            stripe.sharing(rate: RequestBudget.fetchRate), at: configuration.apiAddress, store.fetches,
            policy: shared.policy, now: Self.now, holder: holder, outages: store.outages, logger: logger)
        guard let interval = configuration.reconciliation else { return [backfiller, fetcher] }
        return [
            backfiller, fetcher,
            Reconciler(
                stripe.sharing(rate: RequestBudget.reconciliationRate), store.listings, store.fetches,
                accounts: configuration.connectedAccounts, every: interval, holder: holder, outages: store.outages,
                metrics: shared.metrics, now: Self.now, logger: logger),
        ]
    }

    private func listeners(_ shared: Shared) throws -> Listeners {
        let store = shared.store
        guard configuration.profile.answersRequests else {
            let worker = WorkerListener(
                address: ListenerAddress(\.privateAddress, of: configuration),
                limits: ListenerLimits().sharing(shared.descriptors).private, health: store.health,
                queue: store.queue, customers: store.customers, outages: store.outages,
                reconciled: configuration.reconciledAccounts, metrics: shared.metrics, logger: logger)
            return Listeners(
                parts: [worker.listener], publicListener: nil, privateListener: worker.listener,
                readiness: worker.readiness)
        }
        let verifier = try SignatureVerifier(
            secrets: configuration.webhookSecrets, tolerance: configuration.tolerance)
        let drainer = SpoolDrainer(store.inbox, spool: shared.spool, verifier: verifier, logger: logger)
        let servers = servers(shared, verifier)
        return Listeners(
            parts: [
                drainer, servers.listening, servers.feed, servers.keyUses, servers.privateListener,
                servers.publicListener,
            ],
            publicListener: servers.publicListener, privateListener: servers.privateListener,
            readiness: servers.readiness)
    }

    private func servers(_ shared: Shared, _ verifier: SignatureVerifier) -> HTTPServers {
        let tokens =
            BearerToken.list(.gateway, configuration.gatewayTokens.map { ($0.label, $0.value) })
            + BearerToken.list(.admin, configuration.adminTokens.map { ($0.label, $0.value) })
        return HTTPServers(
            publicAddress: ListenerAddress(\.publicAddress, of: configuration),
            privateAddress: ListenerAddress(\.privateAddress, of: configuration),
            descriptors: shared.descriptors,
            stores: ListenerStores(of: shared.store),
            spool: shared.spool,
            cache: AccessCache(limit: configuration.accessCache, staleFor: configuration.accessStale),
            keys: KeyCache(limit: configuration.accessCache, staleFor: configuration.accessStale),
            isAuthorizeOpen: configuration.isAuthorizeOpen,
            verifier: verifier,
            tokens: tokens,
            hasStripeKey: configuration.apiKey != nil,
            reconciled: configuration.reconciledAccounts,
            policy: shared.policy,
            charges: ChargePolicy(configuration),
            metrics: shared.metrics,
            now: Self.now,
            logger: logger
        )
    }

    /// - Parameter enders: when any of them ends, so does the whole group.
    private func group(_ parts: [any Service], endingWith enders: [any Service]) -> ServiceGroup {
        // The services' own state has no place in the log, not even at `debug`.
        var quiet = logger
        quiet.logLevel = max(.info, logger.logLevel)
        var group = ServiceGroupConfiguration(
            services: parts.map { .init(service: $0, serviceName: Self.name(of: $0)) }
                + enders.map {
                    .init(
                        service: $0, successTerminationBehavior: .gracefullyShutdownGroup,
                        serviceName: Self.name(of: $0))
                },
            logger: quiet
        )
        // After that the tasks are cancelled, within the time that `serve` has to stop at all.
        group.maximumGracefulShutdownDuration = .seconds(15)
        return ServiceGroup(configuration: group)
    }

    /// Without a name, the group would make one of everything that is in the service: that takes ten milliseconds, and may
    /// contain a secret.
    private static func name(of service: any Service) -> String { "\(type(of: service))" }

    /// This machine's clock.
    private static let now: @Sendable () -> Timestamp = {
        Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
    }
}
