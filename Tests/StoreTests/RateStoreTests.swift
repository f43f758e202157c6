// SPDX-License-Identifier: Apache-2.0

import Logging
import Metering
import Notation
import Postgres
import TestSupport
import Testing

@testable import Store

/// Rates in PostgreSQL: proposed, approved, and never changed after that.
@Suite struct RateStoreTests {
    private static func with(_ body: (RateStore, TestDatabase) async throws -> Void) async throws {
        try await TestDatabase.with { database in
            let store = Store(database.source, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            try await body(store.rates, database)
            try await store.close()
        }
    }

    private static func draft(_ members: String...) throws -> RateDraft {
        try RateDraft(
            tollgate: JSON(
                bytes: Array(
                    """
                    {"rates":[\(members.map {
                        #"{"provider":"anthropic","effective_at":"2026-01-01T00:00:00Z",\#($0)}"#
                    }.joined(separator: ","))]}
                    """.utf8)))
    }

    private static func input(_ model: String, in store: RateStore) async throws -> String? {
        try await store.versions().first { $0.rate.model == model }?.rate.json["input"]?.string
    }

    @Test func `what ships with the program charges nothing before an operator approves it`() async throws {
        try await Self.with { store, _ in
            let shipped = try #require(try await store.drafts().first)
            #expect(shipped.id == "rtd_00000000000000000000000000000001" && shipped.operator == "tollgate")
            #expect(shipped.count > 20 && shipped.approvedAt == nil)
            #expect(try await store.versions().isEmpty)
            guard case .approved(let record, let added) = try await store.approve(shipped.id, operator: "night-shift")
            else {
                Issue.record("it was not approved")
                return
            }
            #expect(added == shipped.count && record.approvedBy == "night-shift")
            #expect(try await Self.input("claude-fable-5-1", in: store) == "10")
        }
    }

    @Test func `a draft is kept as it was proposed, and holds once it is approved`() async throws {
        try await Self.with { store, _ in
            let draft = try Self.draft(#""model":"m","input":"0.000001""#)
            let record = try await store.propose(draft, operator: "a")
            #expect(record.count == 1 && record.operator == "a" && record.approvedBy == nil)
            #expect(try await store.find(record.id)?.draft == draft)
            #expect(try await Self.input("m", in: store) == nil)
            _ = try await store.approve(record.id, operator: "b")
            #expect(try await Self.input("m", in: store) == "0.000001")
            #expect(try await store.find("rtd_unknown") == nil)
        }
    }

    @Test func `a second approval, and one of no draft, do nothing`() async throws {
        try await Self.with { store, _ in
            let id = try await store.propose(try Self.draft(#""model":"m","input":"1""#), operator: "a").id
            _ = try await store.approve(id, operator: "b")
            guard case .over(let record) = try await store.approve(id, operator: "c") else {
                Issue.record("it was approved twice")
                return
            }
            #expect(record.approvedBy == "b")
            guard case .unknown = try await store.approve("rtd_unknown", operator: "c") else {
                Issue.record("no draft was approved")
                return
            }
        }
    }

    @Test func `of the same instant, what was approved last holds; what is there already is not added`() async throws {
        try await Self.with { store, _ in
            func approve(_ draft: RateDraft) async throws -> Int {
                let id = try await store.propose(draft, operator: "a").id
                guard case .approved(_, let added) = try await store.approve(id, operator: "b") else { return -1 }
                return added
            }
            let first = try Self.draft(#""model":"m","input":"1""#, #""model":"n","input":"5""#)
            #expect(try await approve(first) == 2)
            #expect(try await approve(Self.draft(#""model":"m","input":"2""#, #""model":"n","input":"5""#)) == 1)
            #expect(try await Self.input("m", in: store) == "2")
            // Back to what it was before: that is news again.
            #expect(try await approve(first) == 1)
            #expect(try await Self.input("m", in: store) == "1")
            #expect(try await approve(first) == 0)
        }
    }

    @Test func `of drafts that are approved at once, each is so once, and follows the one before`() async throws {
        try await Self.with { store, database in
            var ids: [String] = []
            for price in 1...2 {
                ids.append(
                    try await store.propose(try Self.draft(#""model":"m","input":"\#(price)""#), operator: "a").id)
            }
            let drafts = ids
            let approved = try await HeldUp.run(4, at: "tollgate.rate", of: database) { place in
                // Two of each.
                guard case .approved = try await store.approve(drafts[place / 2], operator: "b") else { return false }
                return true
            }
            #expect(approved.filter(\.self).count == 2)
            let (instants, wrong): (Int, Int) = try await TestDatabase.transaction(on: database.source) { connection in
                let row = try connection.execute(
                    """
                    SELECT count(DISTINCT known_at) AS instants,
                           count(*) FILTER (WHERE d.approved_at <> r.known_at) AS wrong
                    FROM tollgate.rate r JOIN tollgate.rate_draft d ON d.id = r.draft_id
                    """
                ).only
                return (try row["instants"], try row["wrong"])
            }
            #expect(instants == 2 && wrong == 0)
        }
    }

    @Test func `a clock that was set back makes no rate older than what it follows`() async throws {
        try await Self.with { store, database in
            let first = try await store.propose(try Self.draft(#""model":"m","input":"1""#), operator: "a").id
            _ = try await store.approve(first, operator: "b")
            try await TestDatabase.transaction(on: database.source) { connection in
                // As if it had been approved by a clock that is ahead.
                _ = try connection.executeScript(
                    """
                    ALTER TABLE tollgate.rate DISABLE TRIGGER USER;
                    UPDATE tollgate.rate SET known_at = '2098-01-01T00:00:00Z';
                    """)
            }
            let second = try await store.propose(try Self.draft(#""model":"m","input":"2""#), operator: "a").id
            _ = try await store.approve(second, operator: "b")
            #expect(try await Self.input("m", in: store) == "2")
        }
    }
}
