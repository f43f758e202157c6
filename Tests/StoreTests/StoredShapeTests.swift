// SPDX-License-Identifier: Apache-2.0

import Billing
import Logging
import Postgres
import Store
import TestSupport
import Testing

/// A row that no version wrote is an error: no default, such as an empty text or no end, replaces a missing value.
@Suite struct StoredShapeTests {
    struct Shape: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let sql: String
    }

    private static let account = """
        INSERT INTO tollgate.account (customer_id, allowed, reason, changed_at, version)
        VALUES ('cus_1', false, 'no_subscription', now(), 1);
        """
    private static let subscription = """
        INSERT INTO tollgate.subscription (customer_id, id, status, reported_at, reports, is_ended_unpaid, paid, payments)
        VALUES ('cus_1', 'sub_1', 'active', now(), '%reports', false, true, '%payments');
        """

    private static func upcoming(_ members: String) -> String {
        """
        UPDATE tollgate.account
        SET until = now() + interval '1 day',
            upcoming = '[{"allowed": false, "reason": "no_subscription", \(members)}]';
        """
    }

    private static func subscription(reports: String = "active", payments: String = "1:2") -> String {
        subscription.replacing("%reports", with: reports).replacing("%payments", with: payments)
    }

    static let shapes = [
        Shape(
            testDescription: "a line of the timeline by an operator, without a word why",
            sql: """
                INSERT INTO tollgate.access_change (customer_id, at, allowed, reason, version, cause, operator)
                VALUES ('cus_1', now(), false, 'no_subscription', 1, 'operator', 'alice');
                """),
        Shape(
            testDescription: "a grant without a word why",
            sql: """
                INSERT INTO tollgate.credit_entry (customer_id, number, previous_balance, amount, balance, kind,
                                                   business_key, operator, at)
                VALUES ('cus_1', 1, 0, 5, 5, 'grant', 'grant:1', 'alice', now());
                UPDATE tollgate.account SET credits = 5, last_entry = 1,
                                            lots = '[{"id": "grant_1", "kind": "grant", "remaining": 5, "held": 0}]';
                """),
        Shape(
            testDescription: "a coming answer until a time that is none",
            sql: upcoming(#""from": "2099-01-01T00:00:00Z", "version": 2, "until": "soon""#)),
        Shape(
            testDescription: "a coming answer from no time", sql: upcoming(#""version": 2"#)),
        Shape(
            testDescription: "a coming answer without a version", sql: upcoming(#""from": "2099-01-01T00:00:00Z""#)),
        Shape(testDescription: "an unknown pause of a subscription", sql: subscription(reports: "active/keep")),
        Shape(testDescription: "an unknown pause of before", sql: subscription(reports: "active/none<keep")),
        Shape(testDescription: "a pause until no time", sql: subscription(reports: "active/void@soon")),
        Shape(testDescription: "a report without a status", sql: subscription(reports: "/void")),
        Shape(testDescription: "a payment without a period", sql: subscription(payments: "1")),
        Shape(
            testDescription: "prices as of a second beyond 64 bits",
            sql: subscription() + "UPDATE tollgate.subscription SET prices = '99999999999999999999 price_1';"),
    ]

    /// Writes what constraints forbid today, as a newer version without them may do.
    private static func unchecked(_ table: String, _ sql: String) -> String {
        """
        DO $$
        DECLARE
            name text;
        BEGIN
            FOR name IN SELECT conname FROM pg_constraint
                        WHERE conrelid = '\(table)'::regclass AND contype = 'c' LOOP
                EXECUTE format('ALTER TABLE \(table) DROP CONSTRAINT %I', name);
            END LOOP;
        END $$;
        \(sql);
        """
    }

    private static func replay(status: String = "running", of state: String = "failed") -> String {
        unchecked(
            "tollgate.replay",
            """
            INSERT INTO tollgate.replay (id, status, event_status, operator, matched, skipped)
            VALUES ('rpl_1', '\(status)', '\(state)', 'alice', 0, 0)
            """)
    }

    private static func event(status: String) -> String {
        unchecked(
            "tollgate.event_work",
            """
            INSERT INTO tollgate.event (id) VALUES ('evt_1');
            INSERT INTO tollgate.event_work (event_id, status) VALUES ('evt_1', '\(status)')
            """)
    }

    private static func with(_ sql: String, _ body: (Store) async throws -> Void) async throws {
        try await TestDatabase.with { test in
            try await TestDatabase.transaction(on: test.source) { _ = try $0.executeScript(sql) }
            let store = Store(test.source, logger: Logger(label: "test"))
            let result: Result<Void, any Error>
            do {
                result = .success(try await body(store))
            } catch {
                result = .failure(error)
            }
            try await store.close()
            try result.get()
        }
    }

    @Test(arguments: shapes) func `what no version wrote is an error, and no guess`(_ shape: Shape) async throws {
        try await Self.with(Self.account + shape.sql) { store in
            let error = await #expect(throws: (any Error).self) { try await store.customers.statement(of: "cus_1") }
            #expect(error is StoreError || (error as? PostgresError)?.sqlState == "42804", "\(error as Any)")
        }
    }

    /// Many customers are read with one statement: one unreadable row must not fail the others.
    @Test func `an answer that cannot be read is an error to whoever asks for it, and to nobody else`() async throws {
        let sql =
            Self.account.replacing("cus_1", with: "cus_2") + Self.account + Self.upcoming(#""version": 2"#)
            + "UPDATE tollgate.account SET until = NULL, upcoming = '[]' WHERE customer_id = 'cus_2';"
        try await Self.with(sql) { store in
            // What arrives while the session is being opened is one batch.
            let readable = await withTaskGroup(of: (String, Bool).self) { [access = store.access] group in
                for customer in ["cus_1", "cus_2", "cus_3"] {
                    group.addTask {
                        await withCheckedContinuation { continuation in
                            access.read(customer, by: .now + .seconds(60)) { result in
                                let isRead = if case .success = result { true } else { false }
                                continuation.resume(returning: (customer, isRead))
                            }
                        }
                    }
                }
                return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
            }
            #expect(readable == ["cus_1": false, "cus_2": true, "cus_3": true])
        }
    }

    @Test(arguments: [replay(status: "paused"), replay(of: "unheard_of")])
    func `a replay of an unknown state is an error for whoever reads it`(_ sql: String) async throws {
        try await Self.with(sql) { store in
            await #expect(throws: StoreError.self) { try await store.replays.find("rpl_1") }
            await #expect(throws: StoreError.self) { try await store.replays.list() }
        }
    }

    @Test func `a replay of an unknown state is not canceled`() async throws {
        try await Self.with(Self.replay(status: "paused")) { store in
            await #expect(throws: StoreError.self) { try await store.replays.cancel("rpl_1") }
        }
    }

    @Test func `an event of an unknown state is an error, and stays as it is`() async throws {
        try await Self.with(Self.event(status: "unheard_of")) { store in
            await #expect(throws: StoreError.self) { try await store.events.find("evt_1") }
            await #expect(throws: StoreError.self) { try await store.events.list(EventFilter(), limit: 1) }
            await #expect(throws: StoreError.self) { try await store.queue.requeue("evt_1", by: "alice") }
            await #expect(throws: StoreError.self) {
                try await store.queue.dismiss("evt_1", reason: "x", by: "alice")
            }
        }
    }

    @Test func `what was written is read again`() async throws {
        let reports = ["active", "active/none", "active<trialing/void", "active/void@4070908800<none"]
        for text in reports {
            try await Self.with(Self.account + Self.subscription(reports: text, payments: "1:2:5")) { store in
                let statement = try #require(try await store.customers.statement(of: "cus_1"))
                #expect(statement.subscriptions.count == 1)
                #expect(statement.subscriptions.first?.payments.isEmpty == false)
            }
        }
    }
}
