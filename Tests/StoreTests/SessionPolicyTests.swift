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
    @Test(arguments: [SessionPolicy.durable, SessionPolicy.durableByKeys, SessionPolicy.fleeting])
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

    /// Few keys look cheaper than the ten that a plan for any number of them expects, and so would be planned for each time.
    @Test func `statements that find rows by keys are planned once`() async throws {
        try await TestDatabase.with { test in
            let settings = SessionSettings(policy: SessionPolicy.durableByKeys)
            let database = Database(test.source, connections: 1, settings: settings)
            let planned: Int = try await database.transaction { connection in
                for count in 1...10 {
                    let customers = (0..<count % 3).map { "cus_\($0)" }
                    try connection.execute(
                        """
                        SELECT a.credits
                        FROM unnest(\(customers)) AS c (customer_id) JOIN tollgate.account a USING (customer_id)
                        """)
                }
                return try connection.execute(
                    """
                    SELECT sum(custom_plans)::bigint AS planned
                    FROM pg_prepared_statements WHERE statement LIKE '%tollgate.account a USING%'
                    """
                ).only["planned"]
            }
            #expect(planned == 0)
            try await database.shutdown()
        }
    }

    /// A plan is kept although the table has grown since.
    @Test(arguments: [SessionPolicy.durable, SessionPolicy.durableByKeys, SessionPolicy.fleeting])
    func `what is found by keys is found by an index, also if the table was empty when it was planned`(
        _ policy: SQL
    ) async throws {
        try await TestDatabase.with { test in
            let database = Database(test.source, connections: 1, settings: SessionSettings(policy: policy))
            let plan = try await database.transaction { connection in
                try connection.execute(
                    """
                    EXPLAIN UPDATE tollgate.account a SET feed_due = false
                    FROM (SELECT customer_id FROM tollgate.account WHERE feed_due LIMIT 200) AS due
                    WHERE a.customer_id = due.customer_id
                    """
                ).map { try $0.decode(String.self) }.joined(separator: "\n")
            }
            #expect(plan.contains("Nested Loop") && !plan.contains("Hash"), "\(plan)")
            try await database.shutdown()
        }
    }

    /// Ids have the collation C, and business keys that of the database: only in their own does an index find them.
    @Test func `what a customer's purchases moved is found by business keys`() async throws {
        try await TestDatabase.with { test in
            let settings = SessionSettings(policy: SessionPolicy.durable)
            let database = Database(test.source, connections: 1, settings: settings)
            let plan = try await database.transaction { connection in
                try connection.execute("EXPLAIN \(PurchaseStore.purchases(of: "cus_1", latest: 5))")
                    .map { try $0.decode(String.self) }.joined(separator: "\n")
            }
            #expect(plan.contains("Index Cond: (business_key = "), "\(plan)")
            try await database.shutdown()
        }
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
