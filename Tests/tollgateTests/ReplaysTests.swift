// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Notation
import TestSupport
import Testing

/// Replays of many events, and retention, from the shell.
@Suite struct ReplaysTests {
    /// Lends a server with these failed events; with arguments, another server on the same database.
    private func withFailed(
        _ ids: [String],
        _ arguments: [String] = [],
        _ body: (RunningServer, TestDatabase) async throws -> Void
    ) async throws {
        try await TestDatabase.with { database in
            try await RunningServer.with(database.url) { server in
                for id in ids {
                    let event = Events.event("invoice.paid", id: id, livemode: false, object: ["id": "in 1"])
                    #expect(try await server.post(event.bytes).status == 200)
                    try await server.event(id, becomes: "failed")
                }
                if arguments.isEmpty { try await body(server, database) }
            }
            if !arguments.isEmpty {
                try await RunningServer.with(database.url, arguments) { try await body($0, database) }
            }
        }
    }

    @Test func `a replay is tried, run and looked at`() async throws {
        try await withFailed(["evt_1", "evt_2", "evt_3"]) { server, _ in
            let dry = try await server.shell("replays", "start", "--status", "failed", "--dry-run")
            #expect(dry.code == 0)
            #expect(dry.output.hasPrefix("would run 3 events again\n"))
            #expect(dry.output.contains("evt_2"))

            let run = try await server.shell("replays", "start", "--status", "failed", "--type", "invoice.paid")
            // They failed again.
            #expect(run.code == 1)
            let lines = run.output.split(separator: "\n")
            #expect(lines.last?.hasSuffix(": done  3 of 3 events  failed 3") == true, "\(run.output)")
            // A pipe gets lines without terminal codes.
            #expect(!run.output.contains("\u{1B}"))
            #expect(!run.output.contains("\r"))
            #expect(try await server.get("/admin/v1/events/evt_1").body["attempts"] == 2)

            let id = String(try #require(lines.last?.prefix { $0 != ":" }))
            #expect(try await server.shell("replays", "show", id).output.contains("matched"))
            #expect(try await server.shell("replays", "list").output.contains(id))
            let canceled = try await server.shell("replays", "cancel", id)
            #expect(canceled.code == 1)
            #expect(canceled.errors.contains("409 replay_over"))
            #expect(try await server.shell("replays", "show", "rpl_none").code == 1)
            let none = try await server.shell("replays", "start", "--status", "failed", "--customer", "cus_9")
            #expect(none.code == 0)
            #expect(none.output.hasSuffix("no event matches\n"))
            let answer = try await server.shell("replays", "start", "--status", "failed", "--json")
            let document = try JSON(bytes: Array(answer.output.utf8))
            #expect(document["status"] == "done")
            #expect(document.at("ended.failed") == 3)
        }
    }

    @Test func `Ctrl-C leaves a replay running and says how to look at it, and another command cancels it`()
        async throws
    {
        // Without a worker the replay makes no progress.
        try await withFailed(["evt_1"], ["--only", "http"]) { server, _ in
            let quick = try await server.shell("replays", "start", "--status", "failed", "--no-wait")
            #expect(quick.code == 0)
            #expect(quick.output.contains("see: tollgate replays show rpl_"))
            let environment = [
                "TOLLGATE_ADMIN_TOKEN": RunningServer.adminToken,
                "TOLLGATE_PRIVATE_ADDRESS": String(server.privateURL.dropFirst("http://".count)),
            ]
            let start = ["replays", "start", "--status", "failed"]
            try await Program.with(start, environment: environment) { program in
                try await eventually("its progress") { program.output.contains("0 of 1") ? true : nil }
                program.send(SIGINT)
                let ended = try await program.ended()
                #expect(ended.code == 1)
                #expect(ended.errors.contains("goes on; see: tollgate replays show rpl_"), "\(ended.errors)")
            }
            let list = try await server.get("/admin/v1/replays").body["data"]?.array ?? []
            #expect(list.map { $0["status"] } == ["running", "running"])
            let id = try #require(list.first?["id"]?.string)
            let canceled = try await server.shell("replays", "cancel", id)
            #expect(canceled.code == 0)
            #expect(canceled.output == "\(id): canceled  0 of 1 events\n")
        }
    }

    @Test func `prune removes what is old, and says what`() async throws {
        try await withFailed(["evt_1"]) { server, database in
            let event = Events.event("customer.created", id: "evt_2", livemode: false, object: [:])
            #expect(try await server.post(event.bytes).status == 200)
            try await server.event("evt_2", becomes: "ignored")
            try await Task.sleep(for: .seconds(1))
            let environment = ["DATABASE_URL": database.url, "TOLLGATE_RETENTION": "1s"]
            let dry = try await Program.run(["prune", "--dry-run"], environment: environment)
            #expect(dry.code == 0)
            #expect(dry.output == "would remove 0 events, and the payloads of 1 more\n")
            let counted = try await Program.run(["prune", "--dry-run", "--json"], environment: environment)
            #expect(try JSON(bytes: Array(counted.output.utf8)) == ["dry_run": true, "events": 0, "payloads": 1])
            let run = try await Program.run(["prune"], environment: environment)
            #expect(run.code == 0)
            #expect(run.output == "removed 0 events, and the payloads of 1 more\n")
            #expect(try await server.get("/admin/v1/events/evt_2").body["payload"] == nil)
            #expect(try await server.get("/admin/v1/events/evt_1").body["payload"] != nil)
            #expect(try await server.shell("events", "replay", "evt_2").errors.contains("410 payload_pruned"))
            let again = try await Program.run(["prune"], environment: environment)
            #expect(again.output == "removed 0 events, and the payloads of 0 more\n")
            let json = try await Program.run(["prune", "--json"], environment: environment)
            #expect(try JSON(bytes: Array(json.output.utf8)) == ["dry_run": false, "events": 0, "payloads": 0])
        }
    }

    @Test func `prune needs a database, a schema and a retention that is one`() async throws {
        let none = try await Program.run(["prune"])
        #expect(none.code == 78)
        #expect(none.errors.contains("DATABASE_URL"))
        let wrong = ["DATABASE_URL": "host=/nonexistent", "TOLLGATE_RETENTION": "90"]
        let ended = try await Program.run(["prune"], environment: wrong)
        #expect(ended.code == 78)
        #expect(ended.errors.contains("TOLLGATE_RETENTION"))
        try await TestDatabase.withEmpty { database in
            let ended = try await Program.run(["prune"], environment: ["DATABASE_URL": database.url])
            #expect(ended.code == 1)
            #expect(ended.errors.contains("tollgate migrate"), "\(ended.errors)")
        }
        #expect(try await Program.run(["prune", "everything"]).code == 64)
    }
}
