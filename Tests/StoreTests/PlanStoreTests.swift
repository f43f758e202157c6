// SPDX-License-Identifier: Apache-2.0

import Logging
import Metering
import Notation
import Postgres
import TestSupport
import Testing

@testable import Store

/// Plans in PostgreSQL: every version stays, and no price names two of them.
@Suite struct PlanStoreTests {
    private static func with(_ body: (PlanStore, TestDatabase) async throws -> Void) async throws {
        try await TestDatabase.with { database in
            let store = Store(database.source, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            try await body(store.plans, database)
            try await store.close()
        }
    }

    private static func plan(_ markup: String, _ prices: String...) throws -> Plan {
        try Plan([
            "markup": .string(markup), "bill": "credits", "included": "0.000000000001",
            "tiers": [["above": "1000", "markup": "1.2"]], "prices": .array(prices.map(JSON.string)),
        ])
    }

    @Test func `a plan is kept as it was set, and so are its former versions`() async throws {
        try await Self.with { store, database in
            let plan = try Self.plan("1.33", "price_1", "gold.monthly")
            guard case .set(let first) = try await store.set("pro", plan, operator: "alice") else {
                Issue.record("it was not set")
                return
            }
            #expect(first.version.plan == plan && first.version.name == "pro" && first.operator == "alice")
            #expect(try await store.find("pro")?.version == first.version)
            // The same again is no version of its own, whoever sets it.
            guard case .set(let same) = try await store.set("pro", plan, operator: "bob") else { return }
            #expect(same.version == first.version && same.operator == "alice")
            guard case .set(let second) = try await store.set("pro", try Self.plan("1.5"), operator: "bob") else {
                return
            }
            #expect(second.version.id != first.version.id && second.knownAt > first.knownAt)
            #expect(try await store.list().map(\.version.name) == ["default", "pro"])
            #expect(try await store.list().last?.version == second.version)
            #expect(try await store.find("basic") == nil)
            let kept = try await TestDatabase.transaction(on: database.source) { connection in
                try connection.execute("SELECT count(*) FROM tollgate.plan WHERE name = 'pro'").only.decode(Int.self)
            }
            #expect(kept == 2)
        }
    }

    @Test func `of plans that claim a price at once, one gets it`() async throws {
        try await Self.with { store, database in
            let plan = try Self.plan("1", "price_1")
            let set = try await HeldUp.run(4, at: "tollgate.plan", of: database) { place in
                switch try await store.set("plan-\(place)", plan, operator: "a") {
                case .set: return true
                case .priceTaken(let price, let name):
                    #expect(price == "price_1" && name.hasPrefix("plan-"))
                    return false
                }
            }
            #expect(set.filter(\.self).count == 1)
            #expect(try await store.list().filter { !$0.version.plan.prices.isEmpty }.count == 1)
        }
    }

    @Test func `a clock that was set back makes no version older than what it follows`() async throws {
        try await Self.with { store, database in
            _ = try await store.set("pro", try Self.plan("1"), operator: "a")
            try await TestDatabase.transaction(on: database.source) { connection in
                // As if it had been set by a clock that is ahead.
                _ = try connection.executeScript(
                    """
                    ALTER TABLE tollgate.plan DISABLE TRIGGER USER;
                    UPDATE tollgate.plan SET known_at = '2098-01-01T00:00:00Z' WHERE name = 'pro';
                    """)
            }
            _ = try await store.set("pro", try Self.plan("2"), operator: "a")
            #expect(try await store.find("pro")?.version.plan.markup.description == "2")
        }
    }
}
