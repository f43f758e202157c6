// SPDX-License-Identifier: Apache-2.0

import Billing
import Logging
import Postgres
import Store
import TestSupport
import Testing

/// Anybody who may connect can take advisory locks: if a reader takes all of Tollgate's, everything still works.
@Suite struct ReaderLockTests {
    private static let taken = """
        SELECT pg_advisory_lock(8655421), pg_advisory_lock(8655423), pg_advisory_lock(hashtextextended('retention', 0)),
               pg_advisory_lock(hashtextextended('grant:key', 0)), pg_advisory_lock(8655422, 7)
        """

    private func withReader(_ body: (TestDatabase, DataSource) async throws -> Void) async throws {
        try await TestDatabase.with { test in
            let role = "reader_of_\(test.name)"
            try await TestDatabase.administer("CREATE ROLE \(role) LOGIN IN ROLE tollgate_reader")
            let result: Result<Void, any Error>
            do {
                result = .success(try await body(test, DataSource("\(test.url) user=\(role)")))
            } catch {
                result = .failure(error)
            }
            try await TestDatabase.administer("DROP ROLE \(role)")
            try result.get()
        }
    }

    @Test func `a reader that takes every advisory lock keeps nobody from anything`() async throws {
        try await withReader { test, reader in
            let store = Store(test.source, logger: Logger(label: "test"))
            // An answer that has ended, for the sweep.
            try await TestDatabase.transaction(on: test.source) { connection in
                _ = try connection.executeScript(
                    """
                    INSERT INTO tollgate.account (customer_id, allowed, reason, until, changed_at, version, upcoming)
                    VALUES ('cus_2', true, 'grace_period', now() - interval '1 minute', now() - interval '1 hour', 1,
                            jsonb_build_array(jsonb_build_object(
                                'from', to_char(now() AT TIME ZONE 'UTC' - interval '1 minute',
                                                'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
                                'allowed', false, 'reason', 'payment_overdue', 'version', 2)))
                    """)
            }
            try await TestDatabase.hold(reader) { connection in
                try connection.executeScript(Self.taken)
            } while: {
                let migrator = Migrator(test.source)
                #expect(try await migrator.migrate() == [])
                try await migrator.close()
                let granted = try await store.operators.grant(
                    5, to: "cus_1", reason: "x", key: "key", operator: "alice", policy: Policy())
                guard case .granted = granted else {
                    Issue.record("\(granted)")
                    return
                }
                #expect(try await store.sweeps.moveElapsed(atMost: 10, policy: Policy()) == 1)
                #expect(try await store.retention.prune(atMost: 10, retention: .seconds(1)) != nil)
                var filter = EventFilter()
                filter.status = .failed
                #expect(try await store.replays.start(filter, operator: "alice").matched == 0)
            }
            try await store.close()
        }
    }

    @Test func `a reader's lock does not make a dead process look alive`() async throws {
        try await withReader { test, reader in
            let store = Store(test.source, process: 8, logger: Logger(label: "test"))
            try await TestDatabase.transaction(on: test.source) { connection in
                _ = try connection.executeScript("INSERT INTO tollgate.worker (process) VALUES (7)")
            }
            try await TestDatabase.hold(reader) { connection in
                try connection.executeScript("SELECT pg_advisory_lock(8655422, 7)")
            } while: {
                #expect(try await store.queue.deadProcesses() == [7])
                let failed = try await store.queue.rescueEvents(of: 7)
                #expect(failed.isEmpty)
                #expect(try await store.queue.deadProcesses() == [])
            }
            try await store.close()
        }
    }

    @Test func `a process whose number somebody else has taken goes by another, and is not taken for dead`()
        async throws
    {
        try await withReader { test, reader in
            let one = Store(test.source, process: 7, logger: Logger(label: "test"))
            let other = Store(test.source, process: 8, logger: Logger(label: "test"))
            let worker = try await one.queue.register()
            #expect(try await other.queue.deadProcesses() == [])
            // The reader takes the process's lock once its session is lost.
            try await TestDatabase.administer(
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = '\(test.name)' AND application_name = 'tollgate-registry'
                """)
            try await TestDatabase.hold(reader) { connection in
                try connection.executeScript("SELECT pg_advisory_lock(8655422, 7)")
            } while: {
                // A lost session is reported once.
                let claimsNothing = try await eventually("a claim in a new session") {
                    do {
                        return try await one.queue.claim(atMost: 1, for: worker) { _ in true } == nil
                    } catch let error as PostgresError where error.isConnectionLoss {
                        return nil
                    }
                }
                #expect(claimsNothing)
                let missing = try await eventually("a registry in a new session") {
                    do {
                        return try await other.queue.deadProcesses()
                    } catch let error as PostgresError where error.isConnectionLoss {
                        return nil
                    }
                }
                #expect(missing == [])
                let processes = try await TestDatabase.transaction(on: test.source) { connection in
                    try connection.execute("SELECT process::bigint FROM tollgate.worker").map {
                        try $0.decode(Int.self)
                    }
                }
                #expect(processes.count == 1 && processes != [7])
            }
            try await one.close()
            try await other.close()
        }
    }

    @Test func `of two grants with one key at once one is made, whoever they are for`() async throws {
        try await TestDatabase.with { test in
            let store = Store(test.source, logger: Logger(label: "test"))
            for round in 0..<5 {
                let results = try await withThrowingTaskGroup(of: GrantResult.self) { group in
                    for n in 0..<8 {
                        group.addTask {
                            try await store.operators.grant(
                                5, to: "cus_\(n % 2)_\(round)", reason: "x", key: "key_\(round)", operator: "alice",
                                policy: Policy())
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(results.filter { $0 == .keyReused }.count == 4)
                let granted = Set(results).subtracting([.keyReused])
                #expect(granted.count == 1)
            }
            try await store.close()
        }
    }
}
