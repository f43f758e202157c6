// SPDX-License-Identifier: Apache-2.0

import Billing
import Logging
import Postgres
import Store
import Synchronization
import TestSupport
import Testing

/// How stored answers change by time alone, or with another configuration.
@Suite struct SweepStoreTests {
    private static let policy = Policy()

    /// Answers that ended a minute ago, of `cus_1` and so on.
    private static func ended(_ count: Int) -> String {
        """
        INSERT INTO tollgate.account (customer_id, allowed, reason, until, changed_at, version, upcoming)
        SELECT 'cus_' || n, true, 'grace_period', now() - interval '1 minute', now() - interval '1 hour', 1,
               jsonb_build_array(jsonb_build_object(
                   'from', to_char(now() AT TIME ZONE 'UTC' - interval '1 minute', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
                   'allowed', false, 'reason', 'payment_overdue', 'version', 2))
        FROM generate_series(1, \(count)) n
        """
    }

    /// Answers decided under another configuration.
    private static func outdated(_ count: Int) -> String {
        """
        INSERT INTO tollgate.account (customer_id, allowed, reason, changed_at, version, decided_under)
        SELECT 'cus_' || n, false, 'no_subscription', now(), 1, 'another' FROM generate_series(1, \(count)) n
        """
    }

    /// As if nobody had told of any account since.
    private static let untold = ";UPDATE tollgate.account SET feed_xid = '0', feed_at = '-infinity'"

    private final class Heard: Sendable {
        let names = Mutex<[String]>([])
    }

    private static func with(
        _ accounts: String,
        telling heard: Heard = Heard(),
        _ body: (SweepStore, TestDatabase) async throws -> Void
    ) async throws {
        try await TestDatabase.with { database in
            try await TestDatabase.transaction(on: database.source) { _ = try $0.executeScript(accounts) }
            let store = Store(database.source, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            store.accessChanges.subscribe { names in heard.names.withLock { $0 += names } }
            try await body(store.sweeps, database)
            try await store.close()
        }
    }

    private static func count(_ sql: SQL, _ database: TestDatabase) async throws -> Int {
        try await TestDatabase.transaction(on: database.source) { try $0.execute(sql).only["count"] }
    }

    @Test func `answers whose time has come move once, so many at a time, each with its line`() async throws {
        try await Self.with(Self.ended(3)) { sweeps, database in
            #expect(try await sweeps.moveElapsed(atMost: 2, policy: Self.policy) == 2)
            #expect(try await sweeps.moveElapsed(atMost: 2, policy: Self.policy) == 1)
            #expect(try await sweeps.moveElapsed(atMost: 2, policy: Self.policy) == 0)
            let lines = try await Self.count(
                "SELECT count(*) AS count FROM tollgate.access_change WHERE cause = 'time' AND version = 2", database)
            #expect(lines == 3)
            let moved = try await Self.count(
                "SELECT count(*) AS count FROM tollgate.account WHERE NOT allowed AND version > 1 AND until IS NULL",
                database)
            #expect(moved == 3)
        }
    }

    /// One customer's account is locked, as by somebody's own transaction, and many of its purchases are due.
    @Test func `purchases of an account that is locked are rechecked later, and hold up no others`() async throws {
        let purchases = """
            ;INSERT INTO tollgate.purchase (id, customer_id, credits)
            SELECT 'pi_' || n, CASE n WHEN 100 THEN 'cus_2' ELSE 'cus_1' END, 1 FROM generate_series(1, 100) n;
            INSERT INTO tollgate.purchase_recheck (purchase_id, customer_id, due_at)
            SELECT id, customer_id, now() - interval '1 minute' FROM tollgate.purchase;
            UPDATE tollgate.purchase_recheck SET due_at = now() - interval '1 second' WHERE customer_id = 'cus_2'
            """
        try await Self.with(Self.outdated(2) + purchases) { sweeps, database in
            try await TestDatabase.hold(database.source) { connection in
                try connection.execute("SELECT FROM tollgate.account WHERE customer_id = 'cus_1' FOR UPDATE")
            } while: {
                let done = try await sweeps.recheckPurchases(atMost: 10, policy: Self.policy)
                #expect(done == 1)
            }
            let waiting: SQL = """
                SELECT count(*) AS count FROM tollgate.purchase_recheck
                WHERE customer_id = 'cus_1' AND due_at > clock_timestamp() - interval '30 seconds'
                """
            #expect(try await Self.count(waiting, database) == 99)
            try await TestDatabase.transaction(on: database.source) {
                _ = try $0.executeScript("UPDATE tollgate.purchase_recheck SET due_at = now() - interval '1 second'")
            }
            #expect(try await sweeps.recheckPurchases(atMost: 90, policy: Self.policy) == 90)
            #expect(try await sweeps.recheckPurchases(atMost: 90, policy: Self.policy) == 9)
            #expect(try await Self.count("SELECT count(*) AS count FROM tollgate.purchase_recheck", database) == 0)
        }
    }

    @Test func `one sweeps at a time`() async throws {
        try await Self.with(Self.ended(1)) { sweeps, database in
            try await TestDatabase.hold(database.source) { connection in
                try connection.execute("SELECT FROM tollgate.maintenance WHERE task = 'sweep' FOR UPDATE")
            } while: {
                let moved = try await sweeps.moveElapsed(atMost: 2, policy: Self.policy)
                #expect(moved == 0)
            }
            #expect(try await sweeps.moveElapsed(atMost: 2, policy: Self.policy) == 1)
        }
    }

    @Test func `who was decided about under another configuration is decided about anew, but for who is held`()
        async throws
    {
        try await Self.with(Self.outdated(3)) { sweeps, database in
            try await TestDatabase.hold(database.source) { connection in
                try connection.execute("SELECT FROM tollgate.account WHERE customer_id = 'cus_2' FOR UPDATE")
            } while: {
                var (decided, isDone) = try await sweeps.reconsider(atMost: 1, policy: Self.policy)
                #expect(decided == 1 && !isDone)
                (decided, isDone) = try await sweeps.reconsider(atMost: 10, policy: Self.policy)
                #expect(decided == 1 && !isDone)
                (decided, isDone) = try await sweeps.reconsider(atMost: 10, policy: Self.policy)
                #expect(decided == 0 && !isDone)
            }
            let (decided, isDone) = try await sweeps.reconsider(atMost: 10, policy: Self.policy)
            #expect(decided == 1 && isDone)
            let outdated = try await Self.count(
                "SELECT count(*) AS count FROM tollgate.account WHERE decided_under = 'another'", database)
            #expect(outdated == 0)
        }
    }

    @Test func `the feed is told of answers that time has changed, and not of those decided about anew`() async throws {
        let told: SQL = "SELECT count(*) AS count FROM tollgate.account WHERE feed_xid <> '0' AND feed_at > '-infinity'"
        try await Self.with(Self.ended(3) + Self.untold) { sweeps, database in
            #expect(try await sweeps.moveElapsed(atMost: 2, policy: Self.policy) == 2)
            let count = try await Self.count(told, database)
            #expect(count == 2)
        }
        try await Self.with(Self.outdated(3) + Self.untold) { sweeps, database in
            #expect(try await sweeps.reconsider(atMost: 9, policy: Self.policy).decided == 3)
            let count = try await Self.count(told, database)
            #expect(count == 0)
        }
    }

    @Test func `the feed is told of credits that are due, a second after it was told last, but for who is held`()
        async throws
    {
        let accounts =
            Self.outdated(4) + Self.untold + """
                ;UPDATE tollgate.account SET feed_due = true, feed_at = now() - interval '1 minute'
                WHERE customer_id <> 'cus_4';
                UPDATE tollgate.account SET feed_at = now() + interval '25 seconds' WHERE customer_id = 'cus_3';
                """
        let told: SQL = """
            SELECT count(*) AS count FROM tollgate.account
            WHERE feed_xid <> '0' AND NOT feed_due AND feed_at BETWEEN now() - interval '30 seconds' AND now()
            """
        let heard = Heard()
        try await Self.with(accounts, telling: heard) { sweeps, database in
            try await TestDatabase.hold(database.source) { connection in
                try connection.execute("SELECT FROM tollgate.account WHERE customer_id = 'cus_2' FOR UPDATE")
            } while: {
                let told = try await sweeps.tellDue(atMost: 10)
                #expect(told == 1)
                #expect(heard.names.withLock(\.self) == ["cus_1"])
            }
            #expect(try await Self.count(told, database) == 1)
            #expect(try await sweeps.tellDue(atMost: 10) == 1)
            #expect(try await sweeps.tellDue(atMost: 10) == 0)
            #expect(heard.names.withLock(\.self) == ["cus_1", "cus_2"])
            #expect(try await Self.count(told, database) == 2)
        }
    }
}
