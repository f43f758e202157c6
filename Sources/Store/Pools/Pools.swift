// SPDX-License-Identifier: Apache-2.0

import Postgres

/// A process's connections to the database, pooled by what waits for them, so that no pool can starve another.
struct Pools: Sendable {
    let ingest: Database
    /// For the workers, the sweeper, replays and retention.
    let processing: Database
    /// For the session that stands for this process, and the record of what its workers hold.
    let registry: Database
    let listening: Database
    let gateways: Database
    /// Many answers at once, and what has changed.
    let feed: Database
    /// What they hold and debit.
    let spending: Database
    /// What calls have used.
    let usage: Database
    /// What operators read and change.
    let operators: Database
    let readiness: Database
    /// For `/metrics`: its counts may take a while.
    let figures: Database

    /// Opens nothing yet.
    init(_ source: DataSource, _ sizes: PoolSizes) {
        ingest = Database(source, connections: sizes.ingest, settings: Self.ingest)
        processing = Database(
            source, connections: sizes.processing,
            settings: SessionSettings(applicationName: "tollgate-worker", policy: SessionPolicy.durable))
        registry = Database(source, connections: sizes.registry, settings: Self.registry)
        listening = Database(source, connections: sizes.listening, settings: Self.listening)
        gateways = Database(
            source, connections: sizes.gateways,
            settings: Self.brief("tollgate-gateway", SessionPolicy.durableByKeys))
        feed = Database(source, connections: sizes.feed, settings: Self.brief("tollgate-feed"))
        spending = Database(
            source, connections: sizes.spending,
            settings: Self.brief("tollgate-spending", SessionPolicy.durableByKeys))
        usage = Database(
            source, connections: sizes.usage,
            settings: Self.brief("tollgate-usage", SessionPolicy.durableByKeys))
        operators = Database(source, connections: sizes.operators, settings: Self.brief("tollgate-operators"))
        var readiness = Self.brief("tollgate-readiness")
        readiness.statementTimeout = .seconds(2)
        self.readiness = Database(source, connections: sizes.readiness, settings: readiness)
        figures = Database(source, connections: sizes.figures, settings: Self.brief("tollgate-metrics"))
    }

    /// Closes all connections once running work is done: first those that receive what the others work on.
    func close() async throws {
        for pool in [
            ingest, spending, usage, processing, registry, listening, operators, gateways, feed, figures, readiness,
        ] {
            try await pool.shutdown()
        }
    }

    private static let ingest = SessionSettings(
        applicationName: "tollgate-ingest", connectTimeout: .seconds(2), statementTimeout: .seconds(5),
        lockTimeout: .seconds(2), idleInTransactionTimeout: .seconds(5), policy: SessionPolicy.durable)

    private static let listening = SessionSettings(
        applicationName: "tollgate-listener", connectTimeout: .seconds(2), statementTimeout: .seconds(2),
        policy: SessionPolicy.durable)

    /// What it holds matters only while the server is up.
    private static let registry = SessionSettings(
        applicationName: "tollgate-registry", connectTimeout: .seconds(2), statementTimeout: .seconds(10),
        policy: SessionPolicy.fleeting)

    /// For callers that wait for an answer.
    private static func brief(_ applicationName: String, _ policy: SQL = SessionPolicy.durable) -> SessionSettings {
        SessionSettings(
            applicationName: applicationName, connectTimeout: .seconds(2), statementTimeout: .seconds(5),
            lockTimeout: .seconds(3), idleInTransactionTimeout: .seconds(5), policy: policy)
    }
}
