import Billing
import FoundationEssentials
import Gateway
import HTTP
import Ingest
import Logging
import Notation
import Postgres
import Processing
import Server
import ServiceLifecycle
import Settings
import Spool
import Store
import Stripe
import Telemetry

/// The running parts of one process, wired together.
struct Service {
    private let configuration: Configuration
    private let source: DataSource
    private let part: ServeCommand.Part?
    private let pending: SchemaPreparation.Pending?
    private let signals: StopSignals
    private let manager: ServiceManager
    private let logger: Logger

    /// - Parameters:
    ///   - part: nil runs all of them.
    ///   - pending: what has to be done before the database can be used.
    ///   - signals: what ends it.
    ///   - notifySocket: where systemd wants to hear that it is ready.
    init(
        _ configuration: Configuration,
        _ source: DataSource,
        part: ServeCommand.Part? = nil,
        pending: SchemaPreparation.Pending? = nil,
        signals: StopSignals,
        notifySocket: String? = nil
    ) {
        self.configuration = configuration
        self.source = source
        self.part = part
        self.pending = pending
        self.signals = signals
        logger = Logger(label: "tollgate", configuration)
        manager = ServiceManager(address: notifySocket, logger: logger)
    }

    /// What is done with the addresses once both listeners listen.
    typealias Bound = @Sendable (_ public: ListenerAddress, _ private: ListenerAddress) async throws -> Void

    /// Runs until the signals ask it to end.
    func run(bound: @escaping Bound = { _, _ in }) async throws {
        try await run(bound, endsWithIt: false)
    }

    /// Runs until `story` has ended, or a signal comes.
    func run(untilEndOf story: @escaping Bound) async throws {
        try await run(story, endsWithIt: true)
    }

    private func run(_ bound: @escaping Bound, endsWithIt: Bool) async throws {
        var summary = configuration.summary
        summary["version"] = "\(Version.current)"
        summary["part"] = part.map { "\($0.rawValue)" }
        logger.info("starting", metadata: summary)
        let descriptors = Descriptors.raiseLimit()
        let spool = part == .worker ? nil : try openSpool()
        let store = Store(source, logger: logger)
        let policy = Policy(configuration)
        let metrics = PrometheusRegistry(help: Metric.help)
        // In reverse order they end: what answers Stripe first, what it needs last.
        var services: [any ServiceLifecycle.Service] = []
        let announcer: Announcer
        services.append(OutageWatch(store.outages))
        if let pending {
            // Before any other part begins: what they meet is the same.
            store.outages.failed(.schema, pending.error, isTold: true)
            services.append(SchemaPreparation.Later(pending: pending, outages: store.outages, logger: logger))
        }
        if part != .http {
            let strangers = StrangerLog(policy: policy, now: Self.now, logger: logger)
            for number in 0..<store.workers {
                let lane = Lane(number, of: store.workers)
                services.append(
                    Worker(store, in: lane, policy: policy, metrics: metrics, strangers: strangers, logger: logger))
            }
            services.append(Sweeper(store, policy: policy, logger: logger))
            services.append(Undertaker(store, metrics: metrics, logger: logger))
            services.append(Replayer(store, logger: logger))
            services.append(Pruner(store, retention: configuration.retention, logger: logger))
        }
        if part == .worker {
            let worker = WorkerListener(
                address: ListenerAddress(
                    configuration.privateAddress, variable: SettingTable.shared.privateAddress.name),
                limits: ListenerLimits().sharing(descriptors).private, store: store, metrics: metrics, logger: logger)
            services.append(worker.listener)
            announcer = Announcer(
                publicListener: nil, privateListener: worker.listener, readiness: worker.readiness,
                manager: manager, logger: logger, bound: bound, endsWithIt: endsWithIt)
        } else {
            let verifier = try SignatureVerifier(
                secrets: configuration.webhookSecrets, tolerance: configuration.tolerance)
            services.append(SpoolDrainer(store.inbox, spool: spool, verifier: verifier, logger: logger))
            let servers = servers(store, spool, verifier, policy, metrics, descriptors)
            services.append(servers.listening)
            services.append(servers.privateListener)
            services.append(servers.publicListener)
            announcer = Announcer(
                publicListener: servers.publicListener, privateListener: servers.privateListener,
                readiness: servers.readiness, manager: manager, logger: logger, bound: bound, endsWithIt: endsWithIt)
        }
        // The services' own state has no place in the log, not even at `debug`.
        var lifecycleLogger = logger
        lifecycleLogger.logLevel = max(.info, logger.logLevel)
        let enders: [any ServiceLifecycle.Service] = [signals, announcer]
        var group = ServiceGroupConfiguration(
            services: services.map { .init(service: $0) }
                + enders.map { .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup) },
            logger: lifecycleLogger
        )
        // Then the tasks are cancelled, within what `serve` has to end at all.
        group.maximumGracefulShutdownDuration = .seconds(15)
        let running = ServiceGroup(configuration: group)
        try await withResource(store) { _ in
            try await withResource(spool.map { ServedSpool(spool: $0, logger: logger) }) { _ in
                try await running.run()
            }
        }
        logger.info("stopped")
    }

    private func openSpool() throws -> Spool? {
        guard let directory = configuration.spoolDirectory else { return nil }
        let spool = try Spool.open(configured: directory, limit: configuration.spoolLimit)
        for damage in spool.recovery.damage {
            logger.error(
                "damaged bytes of the spool were set aside",
                metadata: ["file": "\(damage.file)", "bytes": "\(damage.bytes)"]
            )
        }
        for file in spool.recovery.foreign {
            logger.error(
                "a file in the spool's folder cannot be Tollgate's: it is not read",
                metadata: [
                    "file": "\(file.path)", "reason": "\(file.reason)",
                    "moved_to": "\(file.movedTo ?? "nowhere: remove it")",
                ]
            )
        }
        for error in spool.recovery.postponed {
            logger.error(
                "a segment of the spool cannot be read or set right now: it is tried again",
                metadata: ["error": "\(error)"])
        }
        if spool.recovery.refused > 0 {
            logger.warning(
                "events in the spool's folder refused/ wait for you: read the reasons, then tollgate spool drain --trust",
                metadata: ["count": "\(spool.recovery.refused)"])
        }
        if spool.recovery.records > 0 {
            logger.notice("events wait in the spool", metadata: ["count": "\(spool.recovery.records)"])
        }
        return spool
    }

    /// This machine's clock.
    private static let now: @Sendable () -> Timestamp = {
        Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
    }

    private func servers(
        _ store: Store,
        _ spool: Spool?,
        _ verifier: SignatureVerifier,
        _ policy: Policy,
        _ metrics: PrometheusRegistry,
        _ descriptors: Int?
    ) -> HTTPServers {
        let tokens =
            BearerToken.list(.gateway, configuration.gatewayTokens.map { ($0.label, $0.value) })
            + BearerToken.list(.admin, configuration.adminTokens.map { ($0.label, $0.value) })
        return HTTPServers(
            publicAddress: ListenerAddress(
                configuration.publicAddress, variable: SettingTable.shared.publicAddress.name),
            privateAddress: ListenerAddress(
                configuration.privateAddress, variable: SettingTable.shared.privateAddress.name),
            descriptors: descriptors,
            store: store,
            spool: spool,
            cache: AccessCache(limit: configuration.accessCache, staleFor: configuration.accessStale),
            verifier: verifier,
            tokens: tokens,
            policy: policy,
            metrics: metrics,
            now: Self.now,
            logger: logger
        )
    }
}

/// A spool that says at its end what it still holds.
private struct ServedSpool: Closable {
    let spool: Spool
    let logger: Logger

    func close() async throws {
        await spool.close()
        let left = spool.state.records
        guard left > 0 else { return }
        logger.warning(
            "events are still spooled: they go into the inbox once it runs again", metadata: ["count": "\(left)"])
    }
}

/// Says where the listeners listen, once they do.
private struct Announcer: ServiceLifecycle.Service {
    /// Nil where nothing is received.
    let publicListener: Listener?
    let privateListener: Listener
    let readiness: Readiness
    let manager: ServiceManager
    let logger: Logger
    let bound: Service.Bound
    let endsWithIt: Bool

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            do {
                let privateAddress = try await privateListener.boundAddress
                var metadata: Logger.Metadata = ["version": "\(Version.current)", "private": "\(privateAddress)"]
                if let publicListener {
                    let publicAddress = try await publicListener.boundAddress
                    metadata["public"] = "\(publicAddress)"
                    logger.info("ready", metadata: metadata)
                    manager.ready()
                    try await bound(publicAddress, privateAddress)
                } else {
                    metadata["only"] = "worker: events are processed; the private listener tells health and metrics"
                    logger.info("ready", metadata: metadata)
                    manager.ready()
                }
                if !endsWithIt { try await gracefulShutdown() }
                readiness.stop()
            } catch is CancellationError {
                // Stopped while it waited.
            }
        }
        manager.stopping()
    }
}

extension ListenerAddress {
    fileprivate init(_ address: ListenAddress, variable: String) {
        self.init(host: address.host, port: address.port, variable: variable)
    }
}

extension Policy {
    init(_ configuration: Configuration) {
        self.init(
            livemode: configuration.mode == .live,
            connectedAccounts: configuration.connectedAccounts,
            gracePeriod: configuration.gracePeriod,
            creditsKey: configuration.creditsKey,
            blocksOnDispute: configuration.blockOnDispute,
            debts: configuration.debts
        )
    }
}

extension Logger {
    init(label: String, _ configuration: Configuration) {
        self.init(label: label) { label in
            TollgateLogHandler(
                label: label,
                format: configuration.logFormat,
                level: configuration.logLevel
            )
        }
    }
}
