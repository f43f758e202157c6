// SPDX-License-Identifier: Apache-2.0

import Notation
import TestSupport
import Testing

@Suite struct TriggerWaitTests {
    @Test func `trigger --wait says how each event ended, and fails where one failed`() async throws {
        try await TestDatabase.with { database in
            try await RunningServer.with(database.url) { server in
                let paid = try await server.shell("trigger", "invoice.paid", "--id", "evt_1", "--wait")
                #expect(paid.code == 0, "\(paid.errors)")
                #expect(paid.output.split(separator: "\n").last == "evt_1: processed")

                let ignored = try await server.shell("trigger", "customer.created", "--wait", "--count", "2", "--json")
                #expect(ignored.code == 0, "\(ignored.errors)")
                let lines = try ignored.output.split(separator: "\n").map { try JSON(bytes: Array($0.utf8)) }
                #expect(lines.map { $0.at("event.status") } == ["ignored", "ignored"])
                #expect(lines.map { $0.at("event.id") } == lines.map { $0["id"] })
                #expect(lines.map { $0["status"] } == [200, 200])

                let failed = try await server.shell(
                    "trigger", "invoice.paid", "--id", "evt_2", "--set", "data.object.id=in 1", "--wait")
                #expect(failed.code == 1)
                #expect(failed.output.contains("\nevt_2: failed: "), "\(failed.output)")
                #expect(failed.errors == "tollgate: 1 of 1 not processed\n")
            }
        }
    }

    @Test func `trigger --wait gives up in time, and says how to look later`() async throws {
        try await TestDatabase.with { database in
            // Without a worker it stays pending.
            try await RunningServer.with(database.url, ["--only", "http"]) { server in
                let sent = try await server.shell(
                    "trigger", "invoice.paid", "--id", "evt_1", "--wait", "--timeout", "1s")
                #expect(sent.code == 1)
                #expect(sent.errors.contains("evt_1 is pending still; see: tollgate events show evt_1"))
                let json = try await server.shell(
                    "trigger", "invoice.paid", "--id", "evt_1", "--wait", "--timeout", "1s", "--json")
                #expect(json.code == 1)
                let line = try JSON(bytes: Array(json.output.utf8))
                #expect(line.at("event.status") == "pending")
                #expect(line.at("body.outcome") == "duplicate")
            }
        }
    }

    @Test func `trigger --wait sends nothing where it could not look`() async throws {
        try await TestDatabase.with { database in
            try await RunningServer.with(database.url) { server in
                let sent = try await server.shell(
                    "trigger", "invoice.paid", "--wait", environment: ["TOLLGATE_ADMIN_TOKEN": ""])
                #expect(sent.code == 78)
                #expect(sent.errors.contains("TOLLGATE_ADMIN_TOKEN"))
                #expect(try await server.get("/admin/v1/events").body["data"] == [])
            }
        }
        for wrong in [["--timeout", "5s"], ["--wait", "--dry-run"], ["--wait", "--timeout", "5"]] {
            #expect(try await Program.run(["trigger", "invoice.paid"] + wrong).code == 64, "\(wrong)")
        }
    }
}
