// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Postgres

@Suite struct SQLTests {
    @Test func `a value is a parameter where it stands, and nothing of it is text`() {
        let name = "'; DROP TABLE event; --"
        let sql: SQL = "SELECT \(1) WHERE a = \(name) AND b = \(nil as Bool?) AND c = ANY (\([true, false]))"
        #expect(sql.statement.text == "SELECT $1 WHERE a = $2 AND b = $3 AND c = ANY ($4)")
        #expect(sql.statement.types == [20, 25, 16, 1000])
        #expect(sql.parameters.count == 4)
    }

    @Test func `parts keep their values, numbered anew where they stand`() {
        func isOf(_ customer: String) -> SQL { "customer = \(customer)" }
        let columns: SQL = "id, type"
        let sql: SQL = "SELECT \(columns) FROM t WHERE n > \(5) AND (\(isOf("a")) OR \(isOf("b"))) LIMIT \(1)"
        #expect(
            sql.statement.text
                == "SELECT id, type FROM t WHERE n > $1 AND (customer = $2 OR customer = $3) LIMIT $4")
        #expect(sql.statement.types == [20, 25, 25, 20])
    }

    @Test func `the same text with other types is another statement`() async throws {
        try await withDatabase(connections: 1) { database in
            try await database.statements { connection in
                try #expect(connection.execute("SELECT \("a") AS value").only["value"] == "a")
                try #expect(connection.execute("SELECT \(7) AS value").only["value"] == 7)
            }
        }
    }

    @Test func `a shape is the same for other values, and another for other types, order or text`() {
        func named<T: PostgresCodable>(_ value: T?) -> SQL { "SELECT \(value) AS value" }
        let shape = StatementShape(named("a"))
        #expect(StatementShape(named("b")) == shape)
        #expect(StatementShape(named(nil as String?)) == shape)
        let columns: SQL = "id, type"
        let others: [SQL] = [
            named(7), "SELECT \("a") AS text", "SELECT \("a")", "SELECT \(columns)", "SELECT \("a"), \(7)",
            "SELECT \(7), \("a")", "\("a")\(7)", "\(7)\("a")", "",
        ]
        #expect(Set(others.map { StatementShape($0) } + [shape]).count == others.count + 1)
    }

    @Test func `a statement that stands twice in the code is prepared once`() async throws {
        try await withDatabase(connections: 1) { database in
            try await database.statements { connection in
                try #expect(connection.execute("SELECT \("a") AS value").only["value"] == "a")
                try #expect(connection.execute("SELECT \("b") AS value").only["value"] == "b")
                let (one, two) = try connection.pipeline {
                    ($0.execute("SELECT \("c") AS value"), $0.execute("SELECT \("d") AS value"))
                }
                try #expect(one.rows.only["value"] == "c")
                try #expect(two.rows.only["value"] == "d")
                let prepared = try connection.execute(
                    "SELECT count(*) AS count FROM pg_prepared_statements WHERE statement LIKE 'SELECT $1 AS value'")
                try #expect(prepared.only["count"] == 1)
            }
        }
    }

    @Test func `rows arrive in the columns that name them`() async throws {
        struct Price { var id: String, credits: Int64, amount: Int64? }
        try await withDatabase(connections: 1) { database in
            try await database.statements { connection in
                try connection.execute(
                    "CREATE TABLE public.price (amount bigint, credits bigint, id text PRIMARY KEY)")
                let rows = Unnest<Price> {
                    Column.key("id", \.id)
                    Column("credits", \.credits)
                    Column("amount") { $0.amount }
                }
                func save(_ prices: [Price]) throws {
                    try connection.execute(
                        """
                        INSERT INTO public.price (\(rows.columns))
                        SELECT \(rows.columns) FROM \(rows.table(prices))
                        ON CONFLICT (id) DO UPDATE SET \(rows.replacements)
                        """)
                    try connection.execute(
                        "UPDATE public.price p SET \(rows.assignments) FROM \(rows.table(prices)) WHERE p.id = n.id")
                }
                try save([Price(id: "a", credits: 1, amount: nil), Price(id: "b", credits: 2, amount: 20)])
                try save([Price(id: "b", credits: 3, amount: nil), Price(id: "c", credits: 4, amount: 40)])
                let found = try connection.execute("SELECT * FROM public.price ORDER BY id").map { row in
                    "\(try row["id"] as String) \(try row["credits"] as Int) \(try row["amount"] as Int? ?? -1)"
                }
                #expect(found == ["a 1 -1", "b 3 -1", "c 4 40"])
            }
        }
    }
}
