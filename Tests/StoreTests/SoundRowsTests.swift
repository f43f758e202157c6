// SPDX-License-Identifier: Apache-2.0

import Postgres
import TestSupport
import Testing

/// Every rule about one row of an account, a hold or the ledger: a row that breaks only this one is refused.
@Suite struct SoundRowsTests {
    struct Unsound: Sendable, CustomTestStringConvertible {
        let table: String
        let columns: String
        /// What differs from a sound row, as JSON.
        let change: String
        var testDescription: String { "\(table) \(change.prefix(100))" }
    }

    private static let tooLong = String(repeating: "x", count: 256)

    private static let accounts = [
        #"{"customer_id": ""}"#, #"{"customer_id": "cus 1"}"#, #"{"customer_id": "\#(tooLong)"}"#,
        #"{"override_allowed": true}"#, #"{"override_until": "2026-01-01Z"}"#,
        #"{"allowed": true}"#, #"{"reason": "credits"}"#, #"{"reason": "x"}"#, #"{"version": -1}"#,
        #"{"upcoming": {}}"#, #"{"upcoming": [{}]}"#, #"{"until": "2026-01-01Z"}"#,
        #"{"last_entry": null}"#, #"{"credits": 8}"#, #"{"held": 2}"#, #"{"debt": -1, "credits": 8}"#,
        #"{"debt": 2, "credits": 5}"#, #"{"lots": {}}"#, #"{"lots": []}"#, #"{"lots": [], "credits": 0}"#,
        #"{"lots": [{"remaining": 7, "held": 8}], "held": 8}"#,
        #"{"lots": [{"remaining": 7, "held": -1}], "held": -1}"#,
        #"{"lots": [{"remaining": 4, "held": 3}, {"remaining": 4, "held": 0}]}"#,
        #"{"lots": [{"remaining": 2, "held": 3}, {"remaining": 5, "held": 0}]}"#,
        #"{"lots": [{"remaining": 7, "held": 3}, {"remaining": 0, "held": 0}]}"#,
        #"{"lots": [{"remaining": 6, "held": 3}, {"remaining": 2, "held": 0}], "debt": 1}"#,
    ].map { Unsound(table: "account", columns: "*", change: $0) }

    private static let holds = [
        #"{"id": ""}"#, #"{"id": "h 1"}"#, #"{"id": "\#(tooLong)"}"#, #"{"status": "x"}"#,
        #"{"amount": 1000000000000001}"#, #"{"amount": 2}"#, #"{"minimum": 0}"#, #"{"minimum": 4, "amount": 4}"#,
        #"{"granted": 2, "minimum": 1}"#, #"{"granted": 4, "amount": 4}"#,
        #"{"ttl": 0}"#, #"{"ttl": 86401}"#, #"{"on_expiry": "x"}"#, #"{"metadata": []}"#,
        #"{"parts": {}}"#, #"{"parts": []}"#, #"{"parts": [{"amount": 4}]}"#,
        #"{"parts": [{"amount": 1}, {"amount": 1}]}"#,
        #"{"available": -1}"#, #"{"expires_at": "2000-01-01Z"}"#,
        #"{"status": "released"}"#, #"{"ended_at": "2026-01-01Z"}"#,
        #"{"status": "settled", "ended_at": "2026-01-01Z"}"#,
        #"{"debited": 1}"#, #"{"is_late": true}"#, settled(debited: -1), settled(isLate: true, isByExpiry: true),
        #"{"status": "released", "ended_at": "2026-01-01Z", "is_late": true}"#, #"{"lapsed": {}}"#,
        #"{"status": "expired", "ended_at": "2026-01-01Z", "lapsed": []}"#,
    ].map { Unsound(table: "hold", columns: "*", change: $0) }

    private static func settled(debited: Int = 1, isLate: Bool = false, isByExpiry: Bool = false) -> String {
        #"{"status": "settled", "ended_at": "2026-01-01Z", "debited": \#(debited), "is_late": \#(isLate), "#
            + #""is_by_expiry": \#(isByExpiry), "settled_credits": 6, "settled_available": 6}"#
    }

    private static let entries = [
        #"{"number": 0}"#, #"{"amount": 0, "balance": 0}"#, #"{"balance": 8}"#,
        #"{"previous_balance": 1, "balance": 8}"#, #"{"kind": "x"}"#, #"{"event_id": null}"#, #"{"operator": "o"}"#,
        #"{"hold_id": "h_1"}"#, #"{"hold_id": "h_1", "event_id": null}"#, #"{"debit_id": "d_1", "event_id": null}"#,
        #"{"kind": "settlement"}"#, #"{"kind": "debit", "amount": -7, "balance": -7}"#, #"{"kind": "expiry"}"#,
        #"{"kind": "expiry", "event_id": null}"#,
        #"{"kind": "debit", "debit_id": "d_1", "event_id": null}"#, #"{"lots": []}"#,
    ].map {
        Unsound(
            table: "credit_entry",
            columns:
                "customer_id, number, previous_balance, amount, balance, kind, business_key, event_id, operator, at, "
                + "lots, hold_id, debit_id",
            change: $0)
    }

    @Test(arguments: accounts + holds + entries) func `the database refuses`(_ row: Unsound) async throws {
        try await SchemaTests().withDatabase { database in
            _ = try await database.transaction { try $0.executeScript(SpendingSchemaTests.held).count }
            let columns = row.columns == "*" ? "" : "(\(row.columns))"
            let error = await #expect(throws: PostgresError.self) {
                try await database.transaction { connection in
                    try connection.executeScript(
                        """
                        INSERT INTO tollgate.\(row.table) \(columns)
                        SELECT \(row.columns)
                        FROM jsonb_populate_record((SELECT t FROM tollgate.\(row.table) t), '\(row.change)')
                        """
                    ).count
                }
            }
            // Keys are looked at later: it is the row itself that is refused.
            #expect(error?.sqlState == "23514", "\(String(describing: error))")
        }
    }
}
