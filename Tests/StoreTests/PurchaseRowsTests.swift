// SPDX-License-Identifier: Apache-2.0

import Billing
import Postgres
import TestSupport
import Testing

@testable import Store

/// Purchases that several transactions use at once.
@Suite struct PurchaseRowsTests {
    @Test func `a purchase that becomes part of another one while it is waited for is loaded as that other one`()
        async throws
    {
        try await TestDatabase.with { database in
            let source = database.source
            _ = try await Self.lock(["ch_1", "pi_1", "cs_1"], on: source)
            try await TestDatabase.transaction(on: source) { connection in
                _ = try connection.execute("UPDATE tollgate.purchase SET merged_into = 'pi_1' WHERE id = 'ch_1'")
            }
            var waiting: Task<Books, any Error>?
            try await TestDatabase.hold(source) { connection in
                _ = try connection.execute("UPDATE tollgate.purchase SET merged_into = 'cs_1' WHERE id = 'pi_1'")
            } while: {
                // It names none of the locked rows.
                waiting = Task { try await Self.lock(["ch_1"], on: source) }
                try await eventually("one that waits for the purchase") { () -> Bool? in
                    let isWaiting: Bool = try await TestDatabase.transaction(on: source) { connection in
                        try connection.execute(
                            """
                            SELECT EXISTS (SELECT FROM pg_stat_activity
                                           WHERE datname = current_database() AND wait_event_type = 'Lock') AS is_waiting
                            """
                        ).only["is_waiting"]
                    }
                    return isWaiting ? true : nil
                }
            }
            let books = try await waiting?.value
            #expect(books?.purchase(of: "ch_1")?.id == "cs_1")
            #expect(books?.purchases.keys.sorted() == ["cs_1"])
        }
    }

    private static func lock(_ objects: [String], on source: DataSource) async throws -> Books {
        try await TestDatabase.transaction(on: source) { connection in
            var rows = PurchaseRows(connection)
            return try rows.lock(objects)
        }
    }
}
