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

    @Test func `rows arrive in the columns that name them`() async throws {
        struct Price { var id: String, credits: Int64, amount: Int64? }
        try await withDatabase(connections: 1) { database in
            try await database.statements { connection in
                try connection.execute(
                    "CREATE TABLE public.price (amount bigint, credits bigint, id text PRIMARY KEY)")
                func save(_ prices: [Price]) throws {
                    let rows = Unnest(prices) {
                        Column.key("id", \.id)
                        Column("credits", \.credits)
                        Column("amount") { $0.amount }
                    }
                    try connection.execute(
                        """
                        INSERT INTO public.price (\(rows.columns))
                        SELECT \(rows.columns) FROM \(rows.table)
                        ON CONFLICT (id) DO UPDATE SET \(rows.replacements)
                        """)
                    try connection.execute(
                        "UPDATE public.price p SET \(rows.assignments) FROM \(rows.table) WHERE p.id = n.id")
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
