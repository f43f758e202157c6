// SPDX-License-Identifier: Apache-2.0

import Notation
import Postgres
import TestSupport
import Testing

/// `tollgate usage` and `tollgate statement`, with the real binary.
@Suite struct StatementCommandTests {
    @Test func `an operator sees what a customer's calls came to, in every form`() async throws {
        try await TestDatabase.with { database in
            try await UsageCall.record(
                [
                    UsageCall("call_1", at: "2026-11-26T09:00:00Z", charge: "0.0718") { $0.pools = ["input": 100_000] },
                    UsageCall("call_2", at: "2026-11-27T09:00:00Z", charge: "0.0005"),
                ], on: database.source)
            try await RunningServer.with(database.url) { server in
                func output(_ arguments: String...) async throws -> String {
                    let ended = try await server.shell(arguments)
                    #expect(ended.code == 0 && ended.errors == "", "\(ended.errors)")
                    return ended.output
                }
                let span = ["--from", "2026-11-01", "--to", "2026-11-27"]
                let days = try await output("usage", "cus_1", span[0], span[1], span[2], span[3])
                #expect(
                    days.hasPrefix("DAY         CALLS  CHARGE  CREDITS  COST  INPUT\n2026-11-26  1      0.0718  71"))
                #expect(days.split(separator: "\n").count == 2)
                let models = try await output(
                    "usage", "cus_1", span[0], span[1], span[2], "2026-12-01", "--group-by", "model", "--json")
                #expect(try JSON(bytes: Array(models.utf8))["data"]?[0]?["charge"] == "0.0723")

                let month = ["statement", "cus_1", "--month", "2026-11"]
                let shown = try await output(month[0], month[1], month[2], month[3])
                #expect(shown.hasPrefix("cus_1  2026-11\n  calls          2\n"), "\(shown)")
                #expect(shown.contains("call_1  claude-fable-5-1  0.0718  71       about 200 pages read\n"), "\(shown)")
                let csv = try await output(month[0], month[1], month[2], month[3], "--format", "csv")
                #expect(csv.hasPrefix("line,at,id,") && csv.hasSuffix(",0.0003,\r\n"), "\(csv)")
                let html = try await output(month[0], month[1], month[2], month[3], "--format", "html")
                #expect(html.hasPrefix("<!doctype html>\n") && html.hasSuffix("</html>\n"), "\(html)")
                let json = try await output(month[0], month[1], month[2], month[3], "--format", "json")
                #expect(try JSON(bytes: Array(json.utf8)).at("sums.credits_worth") == "0.072")

                let unknown = try await server.shell(["statement", "cus_2", "--format", "csv"])
                #expect(unknown.code == 1 && unknown.errors.contains("404 unknown_customer"), "\(unknown.errors)")
            }
        }
    }
}
