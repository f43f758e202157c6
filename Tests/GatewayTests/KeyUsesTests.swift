// SPDX-License-Identifier: Apache-2.0

import Notation
import ServiceLifecycle
import TestSupport
import Testing

@testable import Gateway
@testable import Store

@Suite struct KeyUsesTests {
    /// A store on the database with two keys, `key_1` and `key_2`.
    private static func with(
        _ database: TestDatabase,
        log: LogRecord = LogRecord(),
        _ body: (Store) async throws -> Void
    ) async throws {
        try await TestDatabase.transaction(on: database.source) { connection in
            _ = try connection.executeScript(
                """
                INSERT INTO tollgate.account (customer_id, allowed, reason, changed_at, version)
                VALUES ('cus_1', false, 'no_subscription', now(), 1);
                INSERT INTO tollgate.api_key (id, customer_id, sha256, livemode, created_by)
                SELECT 'key_' || n, 'cus_1', sha256(n::text::bytea), true, 'x' FROM generate_series(1, 2) AS g (n);
                """)
        }
        let store = Store(database.source, logger: log.logger)
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(store))
        } catch {
            result = .failure(error)
        }
        try await store.close()
        try result.get()
    }

    private static func lastUses(_ database: TestDatabase) async throws -> [Timestamp?] {
        try await TestDatabase.transaction(on: database.source) { connection in
            try connection.execute("SELECT last_used_at FROM tollgate.api_key ORDER BY id").map {
                try $0["last_used_at"]
            }
        }
    }

    /// Runs the service while `body` runs, then stops it as `serve` does.
    private static func running(_ uses: KeyUses, _ body: () async throws -> Void) async throws {
        let group = ServiceGroup(services: [uses], logger: LogRecord().logger)
        let task = Task { try await group.run() }
        let result: Result<Void, any Error>
        do {
            result = .success(try await body())
        } catch {
            result = .failure(error)
        }
        await group.triggerGracefulShutdown()
        try await task.value
        try result.get()
    }

    @Test func `the last uses are written, also at the end, and never move backwards`() async throws {
        try await TestDatabase.with { database in
            try await Self.with(database) { store in
                let often = KeyUses(keys: store.keyStore, outages: store.outages, every: .milliseconds(10))
                try await Self.running(often) {
                    often.add("key_1", at: .noon)
                    often.add("key_1", at: .noon - .seconds(60))
                    often.add("key_unknown", at: .noon)
                    try await eventually("a use that is noted") {
                        try await Self.lastUses(database) == [.noon, nil] ? true : nil
                    }
                }
                let seldom = KeyUses(keys: store.keyStore, outages: store.outages, every: .seconds(3_600))
                try await Self.running(seldom) {
                    seldom.add("key_1", at: .noon - .seconds(1))
                    seldom.add("key_2", at: .noon + .seconds(1))
                }
                #expect(try await Self.lastUses(database) == [.noon, .noon + .seconds(1)])
            }
        }
    }

    @Test func `while the database is away uses wait in memory`() async throws {
        let log = LogRecord()
        try await TestDatabase.with { database in
            try await Self.with(database, log: log) { store in
                let uses = KeyUses(keys: store.keyStore, outages: store.outages, every: .milliseconds(10))
                try await database.cutOff()
                try await Self.running(uses) {
                    uses.add("key_2", at: .noon)
                    try await eventually("an attempt that failed") {
                        log.texts(.error).contains { $0.contains("requests") } ? true : nil
                    }
                    try await database.letIn()
                    try await eventually("a use that is noted") {
                        try await Self.lastUses(database) == [nil, .noon] ? true : nil
                    }
                }
            }
        }
    }
}
