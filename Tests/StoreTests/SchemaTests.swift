// SPDX-License-Identifier: Apache-2.0

import Postgres
import TestSupport
import Testing

/// What the tables' constraints refuse, whatever the code does.
@Suite struct SchemaTests {
    func withDatabase(_ body: (Database) async throws -> Void) async throws {
        try await TestDatabase.with { test in
            let database = Database(test.source, connections: 1)
            try await body(database)
            try await database.shutdown()
        }
    }

    static let customer = """
        INSERT INTO tollgate.account (customer_id, allowed, reason, changed_at, version)
        VALUES ('cus_1', false, 'no_subscription', now(), 1);
        """

    private static let replay = """
        INSERT INTO tollgate.replay (status, event_status, operator, matched, skipped)
        VALUES ('running', 'failed', 'x', 2, 0);
        """

    private static let event = """
        INSERT INTO tollgate.event (id) VALUES ('evt_1');
        INSERT INTO tollgate.event_work (event_id, status) VALUES ('evt_1', 'pending');
        """

    private static let backfill = """
        INSERT INTO tollgate.backfill (since, until, is_dry_run, operator)
        VALUES (now() - interval '1 hour', now(), false, 'x');
        """

    private static let key =
        customer + """
            INSERT INTO tollgate.api_key (id, customer_id, sha256, livemode, last4, created_by, idempotency_key, request)
            VALUES ('key_1', 'cus_1', sha256('1'), true, 'last', 'x', 'k1', '{}');
            """

    private static let deletion = "UPDATE tollgate.api_key SET deleted_at = now(), deleted_by = 'x';"

    /// - Parameter causes: columns and what they say.
    static func entry(
        _ number: Int, previous: Int, amount: Int, balance: Int, kind: String = "top_up",
        causes: KeyValuePairs<String, String> = ["event_id": "evt_1"]
    ) -> String {
        """
        INSERT INTO tollgate.credit_entry (customer_id, number, previous_balance, amount, balance, kind,
                                           business_key, at\(causes.map { ", \($0.key)" }.joined()))
        VALUES ('cus_1', \(number), \(previous), \(amount), \(balance), '\(kind)', 'key \(number)',
                now()\(causes.map { ", '\($0.value)'" }.joined()));
        """
    }

    private static func balance(_ credits: Int, entry: Int) -> String {
        """
        UPDATE tollgate.account SET credits = \(credits), last_entry = \(entry), \(lots(credits))
        WHERE customer_id = 'cus_1';
        """
    }

    /// One lot of all that there is.
    static func lots(_ credits: Int, held: Int = 0) -> String {
        let lot =
            #"[{"id": "pi_1", "kind": "purchase", "purchase": "pi_1", "remaining": \#(credits), "held": \#(held)}]"#
        return "lots = '\(credits > 0 ? lot : "[]")', debt = \(max(0, -credits)), held = \(held)"
    }

    struct Refused: Sendable, CustomTestStringConvertible {
        let name: String
        let sql: String
        var testDescription: String { name }
    }

    static let refused = [
        Refused(
            name: "an attempt at an event that is nobody's work",
            sql: """
                INSERT INTO tollgate.event (id) VALUES ('evt_1');
                INSERT INTO tollgate.event_attempt (event_id, number, started_at, finished_at, outcome)
                VALUES ('evt_1', 1, now(), now(), 'processed');
                """),
        Refused(name: "a balance without an entry", sql: customer + "UPDATE tollgate.account SET credits = 5"),
        Refused(
            name: "a balance other than its last entry's",
            sql: customer + entry(1, previous: 0, amount: 5, balance: 5) + balance(6, entry: 1)),
        Refused(
            name: "an entry that the balance does not include",
            sql: customer + entry(1, previous: 0, amount: 5, balance: 5)),
        Refused(
            name: "an entry that does not start from the one before",
            sql: customer + entry(1, previous: 0, amount: 5, balance: 5) + entry(2, previous: 4, amount: 1, balance: 5)
                + balance(5, entry: 2)),
        Refused(
            name: "an entry that does not add up",
            sql: customer + entry(1, previous: 0, amount: 5, balance: 6) + balance(6, entry: 1)),
        Refused(
            name: "a first entry that starts from a balance",
            sql: customer + entry(1, previous: 3, amount: 5, balance: 8) + balance(8, entry: 1)),
        Refused(
            name: "a gap in the ledger",
            sql: customer + entry(2, previous: 0, amount: 5, balance: 5) + balance(5, entry: 2)),
        Refused(
            name: "a change of the ledger",
            sql: customer + entry(1, previous: 0, amount: 5, balance: 5) + balance(5, entry: 1)
                + "UPDATE tollgate.credit_entry SET note = 'x'"),
        Refused(
            name: "a deletion from the ledger",
            sql: customer + entry(1, previous: 0, amount: 5, balance: 5) + balance(5, entry: 1)
                + "DELETE FROM tollgate.credit_entry"),
        Refused(
            name: "an answer that allows for a reason that denies",
            sql: customer + "UPDATE tollgate.account SET allowed = true, reason = 'payment_overdue'"),
        Refused(
            name: "an answer that ends with nothing to follow",
            sql: customer + "UPDATE tollgate.account SET until = now() + interval '1 hour'"),
        Refused(
            name: "an invoice that is collected in no way of Stripe's",
            sql: customer + """
                INSERT INTO tollgate.invoice (customer_id, id, status, collection_method)
                VALUES ('cus_1', 'in_1', 'open', 'by_pigeon')
                """),
        Refused(
            name: "payments of a subscription that is not paid",
            sql: customer + """
                INSERT INTO tollgate.subscription (customer_id, id, paid, payments)
                VALUES ('cus_1', 'sub_1', false, '1:2')
                """),
        Refused(
            name: "the end of a subscription that goes on",
            sql: customer + """
                INSERT INTO tollgate.subscription (customer_id, id, paid, ended_at) VALUES ('cus_1', 'sub_1', false, now())
                """),
        Refused(
            name: "an event from an unknown source",
            sql: "INSERT INTO tollgate.event (id, source) VALUES ('evt_1', 'pigeon')"),
        Refused(
            name: "an ignored event without a word why",
            sql: """
                INSERT INTO tollgate.event (id, type, created) VALUES ('evt_1', 'a', now());
                INSERT INTO tollgate.event_work (event_id, status) VALUES ('evt_1', 'ignored')
                """),
        Refused(
            name: "a failed event without an error",
            sql: """
                INSERT INTO tollgate.event (id, type, created) VALUES ('evt_1', 'a', now());
                INSERT INTO tollgate.event_work (event_id, status) VALUES ('evt_1', 'failed')
                """),
        Refused(
            name: "an error of an event that was ignored for another reason than an operator's",
            sql: """
                INSERT INTO tollgate.event (id, type, created) VALUES ('evt_1', 'a', now());
                INSERT INTO tollgate.event_work (event_id, status, detail, error)
                VALUES ('evt_1', 'ignored', 'unhandled_type', 'x')
                """),
        Refused(
            name: "a replay of pending events", sql: replay + "UPDATE tollgate.replay SET event_status = 'pending'"),
        Refused(
            name: "a replay that queued more than it is about", sql: replay + "UPDATE tollgate.replay SET queued = 3"),
        Refused(
            name: "a replay with more ends than were queued",
            sql: replay + "UPDATE tollgate.replay SET queued = 1, failed = 1, processed = 1"),
        Refused(
            name: "a replay that is done before its last event was queued",
            sql: replay
                + "UPDATE tollgate.replay SET status = 'done', queued = 1, failed = 1, finished_at = clock_timestamp()"),
        Refused(
            name: "a replay that is finished before what it queued has ended",
            sql: replay
                + "UPDATE tollgate.replay SET status = 'canceled', queued = 1, finished_at = clock_timestamp()"),
        Refused(
            name: "the removal of an event that a replay has yet to run",
            sql: replay + """
                INSERT INTO tollgate.event (id, type, created) VALUES ('evt_1', 'a', now());
                INSERT INTO tollgate.replay_event (replay_id, event_id) SELECT id, 'evt_1' FROM tollgate.replay;
                DELETE FROM tollgate.event
                """),
        Refused(
            name: "an API key of a customer whom nothing has named",
            sql: """
                INSERT INTO tollgate.api_key (id, customer_id, sha256, livemode, created_by)
                VALUES ('key_1', 'cus_1', sha256('1'), true, 'x')
                """),
        Refused(
            name: "two API keys of one SHA-256",
            sql: key + deletion + """
                INSERT INTO tollgate.api_key (id, customer_id, sha256, livemode, created_by)
                VALUES ('key_2', 'cus_1', sha256('1'), true, 'x')
                """),
        Refused(
            name: "two API keys of one idempotency key",
            sql: key + """
                INSERT INTO tollgate.api_key (id, customer_id, sha256, livemode, last4, created_by, idempotency_key, request)
                VALUES ('key_2', 'cus_1', sha256('2'), true, 'last', 'x', 'k1', '{}')
                """),
        Refused(name: "an API key's own text", sql: key + "UPDATE tollgate.api_key SET sha256 = 'tg_live_0123'"),
        Refused(
            name: "an API key that was made on no request", sql: key + "UPDATE tollgate.api_key SET request = NULL"),
        Refused(
            name: "an API key that was deleted by nobody",
            sql: key + "UPDATE tollgate.api_key SET deleted_at = now()"),
        Refused(
            name: "an API key that was rotated from itself", sql: key + "UPDATE tollgate.api_key SET rotated_from = id"),
        Refused(name: "a label of nothing", sql: key + "UPDATE tollgate.api_key SET label = ''"),
        Refused(
            name: "a deletion that is undone",
            sql: key + deletion + "UPDATE tollgate.api_key SET deleted_at = NULL, deleted_by = NULL"),
        Refused(
            name: "two backfills at once", sql: backfill + backfill),
        Refused(
            name: "a backfill that counts more than it was listed",
            sql: backfill + "UPDATE tollgate.backfill SET stored = 1"),
        Refused(
            name: "a dry run that stores",
            sql: backfill + "UPDATE tollgate.backfill SET is_dry_run = true, listed = 1, stored = 1"),
        Refused(
            name: "a backfill that failed without a reason",
            sql: backfill + "UPDATE tollgate.backfill SET status = 'failed', finished_at = now()"),
        Refused(
            name: "a backfill that is done and runs", sql: backfill + "UPDATE tollgate.backfill SET status = 'done'"),
        Refused(
            name: "a backfill of no time", sql: backfill + "UPDATE tollgate.backfill SET since = until"),
        Refused(
            name: "two walks of the reconciliation through one account",
            sql: """
                INSERT INTO tollgate.event_listing (account, since, until)
                VALUES ('', now() - interval '1 hour', now()), ('', now() - interval '1 hour', now())
                """),
        Refused(name: "a missed event that is not here", sql: "INSERT INTO tollgate.missed_event VALUES ('evt_1')"),
        Refused(
            name: "lines of an event that are still asked for",
            sql: event + """
                INSERT INTO tollgate.event_fetch (event_id, kind, lines) VALUES ('evt_1', 'lines', '[]')
                """),
        Refused(
            name: "lines of a thin event",
            sql: event + """
                INSERT INTO tollgate.event_fetch (event_id, kind, run_at, lines) VALUES ('evt_1', 'thin', NULL, '[]')
                """),
        Refused(
            name: "a refetch that took in more than it found",
            sql: """
                INSERT INTO tollgate.refetch (subject, found, stored, finished_at, base, state)
                VALUES ('cus_1', 1, 2, now(), '', 'x')
                """),
        Refused(
            name: "a refetch that found something at no time",
            sql: "INSERT INTO tollgate.refetch (subject, found, stored) VALUES ('cus_1', 1, 1)"),
        Refused(name: "a refetch of a path", sql: "INSERT INTO tollgate.refetch (subject) VALUES ('../v1/charges')"),
        Refused(name: "an event from nowhere", sql: "INSERT INTO tollgate.event (id, source) VALUES ('evt_1', 'mail')"),
        Refused(name: "the removal of an API key", sql: key + "DELETE FROM tollgate.api_key"),
        Refused(name: "the removal of all API keys", sql: key + "TRUNCATE tollgate.api_key"),
        Refused(
            name: "another SHA-256 of an API key", sql: key + "UPDATE tollgate.api_key SET sha256 = sha256('2')"),
        Refused(
            name: "another customer of an API key",
            sql: key + customer.replacing("cus_1", with: "cus_2") + "UPDATE tollgate.api_key SET customer_id = 'cus_2'"),
    ]

    @Test(arguments: refused) func `the database refuses`(_ row: Refused) async throws { try await refuse(row) }

    func refuse(_ row: Refused) async throws {
        try await withDatabase { database in
            let error = await #expect(throws: PostgresError.self) {
                try await database.transaction { try $0.executeScript(row.sql).count }
            }
            // A constraint violation, not a typing mistake in this test.
            #expect(error?.sqlState.hasPrefix("23") == true, "\(String(describing: error))")
        }
    }

    /// The foreign key alone would take a balance back to an earlier entry, and the entries after it out of the sum.
    @Test(arguments: [
        "UPDATE tollgate.account SET credits = 5, last_entry = 1, \(lots(5))",
        "UPDATE tollgate.account SET credits = 0, last_entry = NULL, \(lots(0))",
        "TRUNCATE tollgate.credit_entry CASCADE",
    ])
    func `a ledger that is committed stays in its account's balance`(_ change: String) async throws {
        try await withDatabase { database in
            _ = try await database.transaction { connection in
                try connection.executeScript(
                    Self.customer + Self.entry(1, previous: 0, amount: 5, balance: 5)
                        + Self.entry(2, previous: 5, amount: 2, balance: 7) + Self.balance(7, entry: 2)
                ).count
            }
            let error = await #expect(throws: PostgresError.self) {
                try await database.transaction { try $0.executeScript(change).count }
            }
            #expect(error?.sqlState == "23000")
            let credits = try await database.transaction { connection in
                try connection.execute("SELECT sum(amount)::bigint FROM tollgate.credit_entry").only.decode(Int.self)
            }
            #expect(credits == 7)
        }
    }

    @Test func `the database takes a ledger that adds up`() async throws {
        try await withDatabase { database in
            _ = try await database.transaction { connection in
                try connection.executeScript(
                    Self.customer + Self.entry(1, previous: 0, amount: 5, balance: 5)
                        + Self.entry(2, previous: 5, amount: -7, balance: -2) + Self.balance(-2, entry: 2)
                ).count
            }
        }
    }

    /// Statements of an older version, or of somebody's hands.
    @Test(arguments: [
        ("UPDATE tollgate.account SET reason = 'subscription_ended', version = 2", true),
        ("UPDATE tollgate.account SET until = now(), upcoming = '[{}]'", true),
        ("UPDATE tollgate.account SET has_purchased = true, decided_under = 'x'", false),
        ("UPDATE tollgate.account SET version = 2, feed_due = true", false),
    ])
    func `an answer that changes enters the feed, whoever changes it`(_ change: String, _ enters: Bool) async throws {
        try await withDatabase { database in
            let told = try await database.transaction { connection in
                _ = try connection.executeScript(
                    Self.customer + "UPDATE tollgate.account SET feed_xid = '7', feed_at = '-infinity';" + change)
                return try connection.execute(
                    """
                    SELECT feed_xid = pg_current_xact_id() AND feed_at > now() - interval '1 minute' FROM tollgate.account
                    """
                ).only.decode(Bool.self)
            }
            #expect(told == enters)
        }
    }

    @Test func `every table, and every column of the view, says what it is`() async throws {
        try await withDatabase { database in
            let silent = try await database.transaction { connection in
                try connection.execute(
                    """
                    SELECT c.relname::text FROM pg_class c
                    WHERE c.relnamespace = 'tollgate'::regnamespace AND c.relkind IN ('r', 'v', 'p')
                      AND obj_description(c.oid, 'pg_class') IS NULL
                    UNION ALL
                    SELECT a.attname::text FROM pg_attribute a
                    WHERE a.attrelid = 'tollgate.api_access'::regclass AND a.attnum > 0
                      AND col_description(a.attrelid, a.attnum) IS NULL
                    """
                ).map { try $0.decode(String.self) }
            }
            #expect(silent == [])
        }
    }

    @Test func `the reader may select the view and nothing else`() async throws {
        try await withDatabase { database in
            let tables = try await database.transaction { connection in
                let rows = try connection.execute(
                    """
                    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                    WHERE n.nspname = 'tollgate' AND c.relkind IN ('r', 'v')
                      AND has_table_privilege('tollgate_reader', c.oid, 'SELECT')
                    """
                )
                return try rows.map { try $0.decode(String.self) }
            }
            #expect(tables == ["api_access"])
            let count = try await database.transaction { connection in
                try connection.executeScript("SET LOCAL ROLE tollgate_reader")
                return try connection.execute("SELECT count(*) FROM tollgate.api_access").first?.decode(Int.self)
            }
            #expect(count == 0)
        }
    }

    @Test func `the view is right at the second an answer ends, before anything is swept`() async throws {
        try await withDatabase { database in
            try await database.transaction { connection in
                _ = try connection.executeScript(
                    """
                    INSERT INTO tollgate.account (customer_id, allowed, reason, until, changed_at, version, upcoming)
                    SELECT 'cus_' || n, true, 'grace_period', now() + make_interval(mins => n), now(), 7,
                           jsonb_build_array(
                               jsonb_build_object('from', now() + make_interval(mins => n), 'allowed', false,
                                                  'reason', 'payment_overdue', 'until', NULL, 'version', 8))
                    FROM generate_series(-2, 2) n
                    """
                )
            }
            let rows = try await database.transaction { connection in
                try connection.execute(
                    "SELECT customer_id, allowed, reason, version FROM tollgate.api_access ORDER BY customer_id"
                ).map { try $0.decode(String.self, Bool.self, String.self, Int64.self) }
            }
            let overdue = rows.filter { $0.2 == "payment_overdue" }.map(\.0)
            let inGrace = rows.filter { $0.2 == "grace_period" }.map(\.0)
            #expect(overdue == ["cus_-1", "cus_-2", "cus_0"])
            #expect(inGrace == ["cus_1", "cus_2"])
            #expect(rows.allSatisfy { $0.1 == ($0.2 == "grace_period") })
            #expect(rows.allSatisfy { $0.3 == ($0.2 == "grace_period" ? 7 : 8) })
        }
    }
}
