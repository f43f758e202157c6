// SPDX-License-Identifier: Apache-2.0

import Postgres
import Schema
import Store
import TestSupport
import Testing

/// What the tables of spending refuse, whatever the code does, and how balances of before got their lots.
@Suite struct SpendingSchemaTests {
    /// With 7 credits, 3 of them held.
    static let held =
        SchemaTests.customer + SchemaTests.entry(1, previous: 0, amount: 7, balance: 7)
        + "UPDATE tollgate.account SET credits = 7, last_entry = 1, \(SchemaTests.lots(7, held: 3));" + """
            INSERT INTO tollgate.hold (customer_id, id, status, amount, minimum, ttl, on_expiry, metadata, granted, parts,
                                       available, created_at, expires_at)
            VALUES ('cus_1', 'h_1', 'open', 3, 3, 60, 'release', '{}', 3,
                    '[{"lot": "pi_1", "kind": "purchase", "amount": 3}]', 4, now(), now() + interval '1 minute');
            INSERT INTO tollgate.debit (customer_id, id, amount, allow_negative, metadata, credits, available, created_at)
            VALUES ('cus_1', 'd_1', 1, false, '{}', 7, 4, now());
            """
    private static let settled = """
        UPDATE tollgate.hold SET status = 'settled', ended_at = now(), debited = 3, is_late = false,
                                 is_by_expiry = false, settled_credits = 4, settled_available = 4;
        """

    static let refused = [
        SchemaTests.Refused(name: "a balance without its lots", sql: held + "UPDATE tollgate.account SET lots = '[]'"),
        SchemaTests.Refused(
            name: "more lots than the balance",
            sql: held + "UPDATE tollgate.account SET \(SchemaTests.lots(8, held: 3))"),
        SchemaTests.Refused(
            name: "more held than there is", sql: held + "UPDATE tollgate.account SET \(SchemaTests.lots(7, held: 8))"),
        SchemaTests.Refused(
            name: "a sum of what is held that is none", sql: held + "UPDATE tollgate.account SET held = 2"),
        SchemaTests.Refused(
            name: "a debt while something is free",
            sql: held + "UPDATE tollgate.account SET credits = 5, debt = 2"),
        SchemaTests.Refused(
            name: "two lots that are not the balance",
            sql: held + """
                UPDATE tollgate.account
                SET lots = '[{"remaining": 4, "held": 3}, {"remaining": 4, "held": 0}]'
                """),
        SchemaTests.Refused(
            name: "two lots, one of which holds more than it has",
            sql: held + """
                UPDATE tollgate.account
                SET lots = '[{"remaining": 2, "held": 3}, {"remaining": 5, "held": 0}]'
                """),
        SchemaTests.Refused(
            name: "a hold of more than it was granted", sql: held + "UPDATE tollgate.hold SET parts = '[]'"),
        SchemaTests.Refused(
            name: "a hold that was granted more later", sql: held + "UPDATE tollgate.hold SET granted = 2"),
        SchemaTests.Refused(
            name: "a hold settled for nothing said", sql: held + "UPDATE tollgate.hold SET status = 'settled'"),
        SchemaTests.Refused(
            name: "a hold that ends twice",
            sql: held + settled + "UPDATE tollgate.hold SET debited = 2"),
        SchemaTests.Refused(
            name: "a hold that is released after it was settled",
            sql: held + settled + """
                UPDATE tollgate.hold SET status = 'released', debited = NULL, is_late = NULL, is_by_expiry = NULL,
                                         settled_credits = NULL, settled_available = NULL
                """),
        SchemaTests.Refused(
            name: "a hold that is open again",
            sql: held + "UPDATE tollgate.hold SET status = 'released', ended_at = now();"
                + "UPDATE tollgate.hold SET status = 'open', ended_at = NULL"),
        SchemaTests.Refused(name: "the removal of a hold", sql: held + "DELETE FROM tollgate.hold"),
        SchemaTests.Refused(name: "the removal of all holds", sql: held + "TRUNCATE tollgate.hold"),
        SchemaTests.Refused(
            name: "two holds of one id",
            sql: held + """
                INSERT INTO tollgate.hold SELECT * FROM tollgate.hold
                """),
        SchemaTests.Refused(name: "another debit than was made", sql: held + "UPDATE tollgate.debit SET amount = 2"),
        SchemaTests.Refused(name: "the removal of a debit", sql: held + "DELETE FROM tollgate.debit"),
        SchemaTests.Refused(name: "the removal of all debits", sql: held + "TRUNCATE tollgate.debit"),
        SchemaTests.Refused(
            name: "a debit below zero that may not",
            sql: held + """
                INSERT INTO tollgate.debit (customer_id, id, amount, allow_negative, metadata, credits, available,
                                            created_at)
                VALUES ('cus_1', 'd_2', 1, false, '{}', -1, -1, now())
                """),
        SchemaTests.Refused(
            name: "an entry of a debit without its id",
            sql: held
                + SchemaTests.entry(
                    2, previous: 7, amount: -1, balance: 6, kind: "debit", causes: ["event_id": "evt_1"])),
        SchemaTests.Refused(
            name: "an entry of what lapsed that adds credits",
            sql: held + SchemaTests.entry(2, previous: 7, amount: 1, balance: 8, kind: "expiry", causes: [:])),
        SchemaTests.Refused(
            name: "a lapse by a hold that takes credits",
            sql: held
                + SchemaTests.entry(2, previous: 7, amount: -1, balance: 6, kind: "expiry", causes: ["hold_id": "h_1"])),
        SchemaTests.Refused(
            name: "an entry of nothing that is no repayment",
            sql: held
                + SchemaTests.entry(
                    2, previous: 7, amount: 0, balance: 7, kind: "settlement", causes: ["hold_id": "h_1"])),
        SchemaTests.Refused(
            name: "a repayment that changes the balance",
            sql: held
                + SchemaTests.entry(
                    2, previous: 7, amount: -1, balance: 6, kind: "repayment", causes: ["hold_id": "h_1"])),
        SchemaTests.Refused(
            name: "a correction that a hold has caused",
            sql: held
                + SchemaTests.entry(
                    2, previous: 7, amount: -1, balance: 6, kind: "correction", causes: ["hold_id": "h_1"])),
        SchemaTests.Refused(
            name: "a correction with two causes",
            sql: held
                + SchemaTests.entry(
                    2, previous: 7, amount: -1, balance: 6, kind: "correction",
                    causes: ["event_id": "evt_1", "operator": "ops", "note": "r"])),
        SchemaTests.Refused(
            name: "more than two purchases that became one have given",
            sql: SchemaTests.customer + """
                INSERT INTO tollgate.purchase (id, customer_id, credits, given, excess) VALUES ('pi_1', 'cus_1', 9, 12, 2)
                """),
        SchemaTests.Refused(
            name: "what lapsed by the expiry of an open hold",
            sql: held + "UPDATE tollgate.hold SET lapsed = '{\"pi_1\": 3}'"),
        SchemaTests.Refused(
            name: "what lapsed by the expiry of a hold that was settled in time",
            sql: held + settled + "UPDATE tollgate.hold SET lapsed = '{\"pi_1\": 3}'"),
        SchemaTests.Refused(
            name: "another lapse after the expiry",
            sql: held + """
                UPDATE tollgate.hold SET status = 'expired', ended_at = now();
                UPDATE tollgate.hold SET status = 'settled', lapsed = '{"pi_1": 3}', debited = 3, is_late = true,
                                         is_by_expiry = false, settled_credits = 4, settled_available = 4;
                """),
        SchemaTests.Refused(
            name: "a purchase of less than none",
            sql: SchemaTests.customer
                + "INSERT INTO tollgate.purchase (id, customer_id, given) VALUES ('pi_1', 'cus_1', -1)"),
    ]

    @Test(arguments: refused) func `the database refuses`(_ row: SchemaTests.Refused) async throws {
        try await SchemaTests().withDatabase { database in
            // What it is tried on is taken.
            _ = try await database.transaction { try $0.executeScript(Self.held + Self.settled).count }
        }
        try await SchemaTests().refuse(row)
    }

    /// Else each hold would write a new entry into every index of the account.
    @Test func `what is held and when it ends is in no index of the account`() async throws {
        try await SchemaTests().withDatabase { database in
            _ = try await database.transaction { try $0.executeScript(Self.held).count }
            let cold: Int = try await database.transaction { connection in
                // Earlier transactions of the session may still be counted.
                let count: SQL = """
                    SELECT n_tup_upd - n_tup_hot_upd AS cold FROM pg_stat_xact_user_tables
                    WHERE relid = 'tollgate.account'::regclass
                    """
                let before: Int = try connection.execute(count).only["cold"]
                _ = try connection.executeScript(
                    "UPDATE tollgate.account SET \(SchemaTests.lots(7, held: 2)), due_at = now() + interval '1 minute'")
                return try connection.execute(count).only["cold"] - before
            }
            #expect(cold == 0)
        }
    }

    /// What customers have who bought and were granted credits before there were lots.
    private static let before = """
        INSERT INTO tollgate.account (customer_id, allowed, reason, changed_at, version)
        SELECT 'cus_' || n, false, 'no_subscription', now(), 1 FROM generate_series(1, 5) n;
        INSERT INTO tollgate.purchase (id, customer_id, credits, given, entries)
        VALUES ('pi_1', 'cus_1', 500, 300, 2), ('pi_2', 'cus_2', 100, 100, 1), ('pi_5', 'cus_5', 60, 60, 1);
        INSERT INTO tollgate.credit_entry (customer_id, number, previous_balance, amount, balance, kind, business_key,
                                           event_id, operator, note, at)
        VALUES ('cus_1', 1, 0, 500, 500, 'top_up', 'purchase:pi_1:1', 'evt_1', NULL, NULL, now()),
               ('cus_1', 2, 500, 40, 540, 'grant', 'grant:a', NULL, 'o', 'r', now()),
               ('cus_1', 3, 540, -200, 340, 'refund', 'purchase:pi_1:2', 'evt_2', NULL, NULL, now()),
               ('cus_1', 4, 340, -50, 290, 'grant', 'grant:b', NULL, 'o', 'r', now()),
               ('cus_2', 1, 0, 100, 100, 'top_up', 'purchase:pi_2:1', 'evt_3', NULL, NULL, now()),
               ('cus_2', 2, 100, -130, -30, 'grant', 'grant:c', NULL, 'o', 'r', now()),
               ('cus_3', 1, 0, 7, 7, 'grant', 'grant:d', NULL, 'o', 'r', now()),
               ('cus_5', 1, 0, 100, 100, 'top_up', 'purchase:pi_5:1', 'evt_5', NULL, NULL, now());
        UPDATE tollgate.account SET credits = 290, last_entry = 4 WHERE customer_id = 'cus_1';
        UPDATE tollgate.account SET credits = -30, last_entry = 2 WHERE customer_id = 'cus_2';
        UPDATE tollgate.account SET credits = 7, last_entry = 1 WHERE customer_id = 'cus_3';
        UPDATE tollgate.account SET credits = 100, last_entry = 1 WHERE customer_id = 'cus_5';
        """

    /// What nothing explains counts as granted too.
    @Test func `balances of before get their lots: what was taken by hand was granted first`() async throws {
        try await TestDatabase.withEmpty { test in
            let older = Migrator(test.source, migrations: Schema.migrations.filter { $0.version < 7 })
            _ = try await older.migrate()
            try await older.close()
            try await TestDatabase.transaction(on: test.source) { _ = try $0.executeScript(Self.before) }
            let migrator = Migrator(test.source)
            #expect(try await migrator.migrate().first == "V007_spending")
            try await migrator.close()
            let found = try await TestDatabase.transaction(on: test.source) { connection in
                try connection.execute(
                    """
                    SELECT customer_id || coalesce(
                        (SELECT string_agg(' ' || concat_ws(':', l ->> 'id', l ->> 'kind', l ->> 'remaining'), '')
                         FROM jsonb_array_elements(lots) l), '') || ' debt ' || debt
                    FROM tollgate.account ORDER BY customer_id
                    """
                ).map { try $0.decode(String.self) }
            }
            #expect(
                found == [
                    "cus_1 pi_1:purchase:290 debt 0", "cus_2 debt 30", "cus_3 grant_1:grant:7 debt 0", "cus_4 debt 0",
                    "cus_5 pi_5:purchase:60 grant_0:grant:40 debt 0",
                ])
        }
    }

    /// Spending as V007 keeps it: a customer who was granted credits, one who bought some that lapsed, one who only owes,
    /// and one whose answer comes to that.
    private static let spent = """
        INSERT INTO tollgate.account (customer_id, allowed, reason, changed_at, version, decided_under, has_purchased)
        SELECT 'cus_' || n, false, 'credits_exhausted', now(), 1, 'x', n = 2 FROM generate_series(1, 4) n;
        UPDATE tollgate.account
        SET reason = 'customer_deleted', until = now() + interval '1 day',
            upcoming = '[{"from": "2099-01-01T00:00:00Z", "allowed": false, "reason": "credits_exhausted", "version": 2}]'
        WHERE customer_id = 'cus_4';
        INSERT INTO tollgate.purchase (id, customer_id, credits, given, entries)
        VALUES ('pi_1', 'cus_2', 100, 100, 1);
        INSERT INTO tollgate.credit_entry (customer_id, number, previous_balance, amount, balance, kind, business_key,
                                           event_id, operator, note, hold_id, debit_id, lots, at)
        VALUES ('cus_1', 1, 0, 5, 5, 'grant', 'grant:a', NULL, 'o', 'r', NULL, NULL, '{"grant_1": 5}', now()),
               ('cus_1', 2, 5, -5, 0, 'settlement', 's', NULL, NULL, NULL, 'h_1', NULL, '{"grant_1": -5}', now()),
               ('cus_2', 1, 0, 100, 100, 'top_up', 'purchase:pi_1:1', 'e', NULL, NULL, NULL, NULL, '{"pi_1": 100}', now()),
               ('cus_2', 2, 100, -100, 0, 'expiry', 'e2', NULL, NULL, NULL, NULL, NULL, '{"pi_1": -100}', now()),
               ('cus_3', 1, 0, -5, -5, 'debit', 'd3', NULL, NULL, NULL, NULL, 'd_1', '{}', now()),
               ('cus_4', 1, 0, -5, -5, 'grant', 'grant:b', NULL, 'o', 'r', NULL, NULL, '{}', now());
        UPDATE tollgate.account SET last_entry = 2 WHERE customer_id IN ('cus_1', 'cus_2');
        UPDATE tollgate.account SET credits = -5, debt = 5, last_entry = 1 WHERE customer_id IN ('cus_3', 'cus_4');
        """

    @Test func `spending of before is kept, and who never had credits is decided about anew`() async throws {
        try await TestDatabase.withEmpty { test in
            let older = Migrator(test.source, migrations: Schema.migrations.filter { $0.version < 8 })
            _ = try await older.migrate()
            try await older.close()
            try await TestDatabase.transaction(on: test.source) { _ = try $0.executeScript(Self.spent) }
            let migrator = Migrator(test.source)
            #expect(try await migrator.migrate().first == "V008_lapsed_credits")
            try await migrator.close()
            let found = try await TestDatabase.transaction(on: test.source) { connection in
                try connection.execute(
                    """
                    SELECT concat_ws(' ', customer_id, CASE WHEN was_granted THEN 'granted' END,
                                     CASE WHEN decided_under = '' THEN 'anew' END)
                    FROM tollgate.account ORDER BY customer_id
                    """
                ).map { try $0.decode(String.self) }
            }
            #expect(found == ["cus_1 granted", "cus_2", "cus_3 anew", "cus_4 anew"])
        }
    }
}
