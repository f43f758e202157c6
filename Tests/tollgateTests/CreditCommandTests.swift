// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

/// What operators give, and what became of it, with the real binary.
@Suite struct CreditCommandTests {
    @Test func `credits that lapse are given, shown with their lots, and paged in the ledger`() async throws {
        try await TestDatabase.with { database in
            try await RunningServer.with(database.url) { server in
                func grant(_ amount: String, _ more: String...) async throws -> Program.Ended {
                    try await server.shell(
                        ["customers", "grant", "cus_1", "--amount", amount, "--reason", "r"] + more)
                }
                let end = "2099-01-01T00:00:00Z"
                let given = try await grant("5", "--expires-at", end)
                #expect(
                    given.output.hasPrefix("cus_1: +5 credits until \(end), balance 5  (entry 1, 20"), "\(given.output)"
                )
                #expect(try await grant("7").code == 0)
                #expect(try await grant("-6").code == 0)
                let wrong = try await grant("-6", "--expires-at", end)
                #expect(wrong.code == 64 && wrong.errors.contains("--expires-at"), "\(wrong.errors)")
                let late = try await grant("5", "--expires-at", "2020-01-01")
                #expect(late.code == 1 && late.errors.contains("until_passed"), "\(late.errors)")

                let shown = try await server.shell("customers", "show", "cus_1")
                #expect(shown.output.contains("LOT      KIND   REMAINING\ngrant_2  grant  6\n"), "\(shown.output)")

                let page = try await server.shell("customers", "ledger", "cus_1", "--limit", "2")
                let lines = page.output.split(separator: "\n")
                #expect(lines.count == 3 && lines[1].hasPrefix("2  ") && lines[2].hasPrefix("3  "), "\(page.output)")
                #expect(page.errors.contains("--starting-after 2"), "\(page.errors)")
                let rest = try await server.shell(
                    "customers", "ledger", "cus_1", "--limit", "2", "--starting-after", "2")
                #expect(rest.output.contains(" \(end) "), "\(rest.output)")
                #expect(rest.errors == "")
                let json = try await server.shell("customers", "ledger", "cus_1", "--json", "--limit", "1")
                #expect(json.output.contains("\"grant_1\""), "\(json.output)")
                #expect(try await server.shell("customers", "ledger", "cus_1", "--limit", "0").code == 64)
                let unknown = try await server.shell("customers", "ledger", "cus_9")
                #expect(unknown.code == 1 && unknown.errors.contains("unknown_customer"), "\(unknown.errors)")
            }
        }
    }
}
