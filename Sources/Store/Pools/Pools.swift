// SPDX-License-Identifier: Apache-2.0

import Postgres

/// The connections of a process to the database, in pools by who waits, so that none can starve another.
struct Pools: Sendable {
    let ingest: Database
    /// Of the workers, the sweeper, replays and retention.
    let processing: Database
    /// Of what stands for this process and says what its workers have in hand.
    let registry: Database
    let listening: Database
    let gateways: Database
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
        gateways = Database(source, connections: sizes.gateways, settings: Self.brief("tollgate-gateway"))
        operators = Database(source, connections: sizes.operators, settings: Self.brief("tollgate-api"))
        var readiness = Self.brief("tollgate-readiness")
        readiness.statementTimeout = .seconds(2)
        self.readiness = Database(source, connections: sizes.readiness, settings: readiness)
        figures = Database(source, connections: sizes.figures, settings: Self.brief("tollgate-metrics"))
    }

    /// Closes all connections once running work is done: first those that take in what the others work on.
    func close() async throws {
        for pool in [ingest, processing, registry, listening, operators, gateways, figures, readiness] {
            try await pool.shutdown()
        }
    }

    private static let ingest = SessionSettings(
        applicationName: "tollgate-ingest", connectTimeout: .seconds(2), statementTimeout: .seconds(5),
        lockTimeout: .seconds(2), idleInTransactionTimeout: .seconds(5), policy: SessionPolicy.durable)

    private static let listening = SessionSettings(
        applicationName: "tollgate-listener", connectTimeout: .seconds(2), statementTimeout: .seconds(2),
        policy: SessionPolicy.durable)

    /// What it holds only matters while the server stands.
    private static let registry = SessionSettings(
        applicationName: "tollgate-registry", connectTimeout: .seconds(2), statementTimeout: .seconds(10),
        policy: SessionPolicy.fleeting)

    /// Of somebody who waits for an answer.
    private static func brief(_ applicationName: String) -> SessionSettings {
        SessionSettings(
            applicationName: applicationName, connectTimeout: .seconds(2), statementTimeout: .seconds(5),
            lockTimeout: .seconds(3), idleInTransactionTimeout: .seconds(5), policy: SessionPolicy.durable)
    }
}
