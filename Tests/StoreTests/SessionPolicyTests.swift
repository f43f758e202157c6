// SPDX-License-Identifier: Apache-2.0

import Postgres
import TestSupport
import Testing

@testable import Store

@Suite struct SessionPolicyTests {
    @Test func `sessions wait for the disk even where the server would not`() async throws {
        try await TestDatabase.withEmpty { test in
            try await TestDatabase.administer("ALTER DATABASE \(test.name) SET synchronous_commit = off")
            let settings = SessionSettings(policy: SessionPolicy.durable)
            let database = Database(test.source, connections: 1, settings: settings)
            let setting = try await database.transaction { connection in
                try connection.execute("SELECT current_setting('synchronous_commit')").first?.decode(String.self)
            }
            #expect(setting == "on")
            try await database.shutdown()
        }
    }

    /// Under another isolation level, statements fail that wait for each other's rows, and a body sees one moment only.
    @Test(arguments: [SessionPolicy.durable, SessionPolicy.fleeting])
    func `what a database sets for its sessions changes no result`(_ policy: SQL) async throws {
        try await TestDatabase.withEmpty { test in
            for setting in [
                "default_transaction_isolation = serializable", "TimeZone = 'Europe/Berlin'",
                "quote_all_identifiers = on", "transform_null_equals = on",
            ] {
                try await TestDatabase.administer("ALTER DATABASE \(test.name) SET \(setting)")
            }
            let database = Database(test.source, connections: 1, settings: SessionSettings(policy: policy))
            let seen: SQL = """
                SELECT current_setting('transaction_isolation') AS isolation,
                       ('2026-03-28 12:00Z'::timestamptz + interval '1 day' = '2026-03-29 12:00Z') AS has_days_of_24_hours,
                       quote_ident('t') AS name, ('x' = NULL) IS NULL AS is_standard
                """
            let expected = Seen(isolation: "read committed", hasDaysOf24Hours: true, name: "t", isStandard: true)
            #expect(try await database.transaction { try Seen($0.execute(seen).only) } == expected)
            #expect(try await database.statements { try Seen($0.execute(seen).only) } == expected)
            try await database.shutdown()
        }
    }

    fileprivate struct Seen: Equatable {
        let isolation: String
        let hasDaysOf24Hours: Bool
        let name: String
        let isStandard: Bool
    }

    @Test func `only what may be lost with the server is not waited for`() async throws {
        try await TestDatabase.withEmpty { test in
            let settings = SessionSettings(policy: SessionPolicy.fleeting)
            let database = Database(test.source, connections: 1, settings: settings)
            let setting: String = try await database.transaction { connection in
                try connection.execute("SELECT current_setting('synchronous_commit') AS setting").only["setting"]
            }
            #expect(setting == "off")
            try await database.shutdown()
        }
    }
}

extension SessionPolicyTests.Seen {
    fileprivate init(_ row: Rows.Row) throws {
        isolation = try row["isolation"]
        hasDaysOf24Hours = try row["has_days_of_24_hours"]
        name = try row["name"]
        isStandard = try row["is_standard"]
    }
}
