// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import Postgres
import Store
import TestSupport
import Testing

@testable import Server

/// Replays of many events.
@Suite(.serialized) struct AdminReplayTests {
    /// With the metadata key `credits` it fails, as that is not a number; with `units` it buys 5.
    private static func event(_ number: Int) -> JSON {
        Events.checkout(
            id: "evt_\(number)", session: "cs_\(number)", paymentIntent: .string("pi_\(number)"),
            ["metadata": ["credits": "lots", "units": "5"]])
    }

    /// Lends a database that holds this many failed events.
    private func withFailed(_ count: Int, _ body: (TestDatabase) async throws -> Void) async throws {
        try await TestDatabase.with { database in
            try await ServerFixture.with(source: database.source, workers: 2) { server in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<count { group.addTask { try await server.deliver(Self.event(number)) } }
                    try await group.waitForAll()
                }
                try await eventually("the end of all") { try await pending(server) == 0 ? true : nil }
            }
            try await body(database)
        }
    }

    private func pending(_ server: ServerFixture) async throws -> Int {
        try await server.sql { connection in
            try connection.execute("SELECT count(*) FROM tollgate.event_work WHERE status = 'pending'")
                .first?.decode(Int.self) ?? -1
        }
    }

    /// How many events have made each number of attempts.
    private func attempts(_ server: ServerFixture) async throws -> [Int: Int] {
        try await server.sql { connection in
            let rows = try connection.execute("SELECT attempts, count(*) FROM tollgate.event_work GROUP BY attempts")
            return try Dictionary(rows.map { try $0.decode(Int.self, Int.self) }, uniquingKeysWith: +)
        }
    }

    private func start(_ server: ServerFixture, _ body: String) async throws -> JSON {
        let answer = try await server.admin("POST", "/replays", body: body)
        #expect(answer.status == 202, "\(body): \(answer.text)")
        return try answer.json
    }

    private func finished(_ server: ServerFixture, _ replay: JSON) async throws -> JSON {
        let id = replay["id"]?.string ?? ""
        return try await eventually("the end of \(id)") {
            let now = try await server.admin("GET", "/replays/\(id)").json
            return now["finished_at"] == nil ? nil : now
        }
    }

    private static func ended(processed: Int64 = 0, failed: Int64 = 0) -> JSON {
        ["processed": .integer(processed), "ignored": 0, "failed": .integer(failed), "quarantined": 0]
    }

    @Test func `a dry run counts and changes nothing`() async throws {
        try await withFailed(12) { database in
            try await ServerFixture.with(source: database.source, workers: 1) { server in
                for (body, count) in [
                    (#"{"status":"failed","dry_run":true}"#, 12),
                    (#"{"status":"failed","type":"checkout.session.completed","customer":"cus_1","dry_run":true}"#, 12),
                    (#"{"status":"failed","created_after":1795478399,"created_before":1795478401,"dry_run":true}"#, 12),
                    (#"{"status":"failed","created_after":"2026-11-24T00:00:00Z","dry_run":true}"#, 0),
                    (#"{"status":"failed","created_before":"1795478400","dry_run":true}"#, 0),
                    (#"{"status":"failed","customer":"cus_2","dry_run":true}"#, 0),
                    (#"{"status":"failed","type":"invoice.paid","dry_run":true}"#, 0),
                    (#"{"status":"processed","dry_run":true}"#, 0),
                ] as [(String, Int)] {
                    let answer = try await server.admin("POST", "/replays", body: body)
                    #expect(answer.status == 200)
                    let found = try answer.json
                    #expect(found["dry_run"] == true)
                    #expect(found["count"] == .integer(Int64(count)), "\(body)")
                    #expect(found["skipped"] == 0)
                    #expect(found["sample"]?.array?.count == min(10, count), "\(body)")
                }
                let list = try await server.admin("GET", "/events?limit=10").json["data"]
                let dry = try await server.admin("POST", "/replays", body: #"{"status":"failed","dry_run":true}"#).json
                #expect(dry["sample"] == list)
                #expect(try await server.admin("GET", "/replays").text == #"{"data":[]}"#)
                #expect(try await attempts(server) == [1: 12])
            }
        }
    }

    @Test func `300 events whose cause is mended are processed, and once more change nothing`() async throws {
        try await withFailed(300) { database in
            let mended = Policy(creditsKey: "units")
            try await ServerFixture.with(source: database.source, policy: mended, workers: 2) { server in
                let replay = try await start(server, #"{"status":"failed","type":"checkout.session.completed"}"#)
                #expect(replay["status"] == "running")
                #expect(replay["matched"] == 300)
                let done = try await finished(server, replay)
                #expect(done["status"] == "done")
                #expect(done["queued"] == 300)
                #expect(done["pending"] == 0)
                #expect(done["ended"] == Self.ended(processed: 300))
                #expect(try await server.access()["credits"] == 1500)
                let version = try await server.access()["version"]

                let again = try await finished(server, try await start(server, #"{"status":"processed"}"#))
                #expect(again["ended"] == Self.ended(processed: 300))
                #expect(try await server.access()["credits"] == 1500)
                #expect(try await server.access()["version"] == version)
                #expect(try await attempts(server) == [3: 300])

                let none = try await start(server, #"{"status":"failed"}"#)
                #expect(none["status"] == "done")
                #expect(none["matched"] == 0)
                #expect(none["finished_at"] == none["created_at"])
            }
        }
    }

    @Test func `events that fail again are counted, and keep every attempt with who asked`() async throws {
        try await withFailed(300) { database in
            try await ServerFixture.with(source: database.source, workers: 2) { server in
                let replay = try await start(
                    server,
                    #"{"status":"failed","type":null,"customer":"cus_1","created_after":0,"created_before":1795478401}"#
                )
                var done = try #require(try await finished(server, replay).object)
                let created = try #require(done.removeValue(forKey: "created_at")?.string)
                let finished = try #require(done.removeValue(forKey: "finished_at")?.string)
                #expect(try #require(Timestamp(rfc3339: created)) <= #require(Timestamp(rfc3339: finished)))
                #expect(
                    done == [
                        "id": replay["id"] ?? .null, "status": "done", "matched": 300, "skipped": 0, "queued": 300,
                        "pending": 0, "ended": Self.ended(failed: 300), "operator": "night-shift",
                        "filter": [
                            "status": "failed", "type": .null, "customer": "cus_1",
                            "created_after": "1970-01-01T00:00:00Z", "created_before": "2026-11-24T00:00:01Z",
                        ],
                    ])
                #expect(try await attempts(server) == [2: 300])
                let history = try await server.admin("GET", "/events/evt_7").json["history"]?.array ?? []
                #expect(history.map { $0["outcome"] } == ["failed", "failed"])
                #expect(history.map { $0["operator"] } == [nil, "night-shift"])
            }
        }
    }

    @Test func `only so many are pending at once, and after a cancel no more are queued`() async throws {
        try await withFailed(30) { database in
            var replay: JSON = .null
            try await ServerFixture.with(source: database.source) { server in
                replay = try await start(server, #"{"status":"failed"}"#)
                let id = replay["id"]?.string ?? ""
                let first = try await server.store.replaySteps.advance(id, pendingAtMost: 10)
                #expect(first?.queued == 10)
                let second = try await server.store.replaySteps.advance(id, pendingAtMost: 10)
                #expect(second?.queued == 0)
                let third = try await server.store.replaySteps.advance(id, pendingAtMost: 12)
                #expect(third?.queued == 2)
                let canceled = try await server.admin("DELETE", "/replays/\(id)")
                #expect(canceled.status == 200)
                let document = try canceled.json
                #expect(document["status"] == "canceled")
                #expect(document["matched"] == 30)
                #expect(document["queued"] == 12)
                #expect(document["pending"] == 12)
                #expect(document["finished_at"] == nil)
                #expect(try await server.admin("GET", "/replays/\(id)").json == document)
                #expect(try await pending(server) == 12)
                let more = try await server.store.replaySteps.advance(id, pendingAtMost: 100)
                #expect(more?.queued == 0)
                #expect(try await server.admin("POST", "/replays/\(id)/cancel").summary == "409 replay_over")
            }
            // A later process handles what was queued, and it is counted.
            try await ServerFixture.with(source: database.source, workers: 1) { server in
                let end = try await finished(server, replay)
                #expect(end["status"] == "canceled")
                #expect(end["pending"] == 0)
                #expect(end["ended"] == Self.ended(failed: 12))
                #expect(try await attempts(server) == [1: 18, 2: 12])
            }
        }
    }

    @Test func `a replay that has queued nothing yet is over with its cancel`() async throws {
        try await withFailed(3) { database in
            try await ServerFixture.with(source: database.source) { server in
                let id = try await start(server, #"{"status":"failed"}"#)["id"]?.string ?? ""
                let canceled = try await server.admin("POST", "/replays/\(id)/cancel").json
                #expect(canceled["status"] == "canceled")
                #expect(canceled["queued"] == 0)
                #expect(canceled["finished_at"] != nil)
                #expect(try await server.admin("DELETE", "/replays/\(id)").summary == "409 replay_over")
                #expect(try await server.store.replaySteps.unfinished() == [])
            }
        }
    }

    @Test func `an event that has become pending meanwhile is not queued twice, and its end counts`() async throws {
        try await withFailed(3) { database in
            var replay: JSON = .null
            try await ServerFixture.with(source: database.source) { server in
                replay = try await start(server, #"{"status":"failed"}"#)
                let other = try await server.inside(
                    "POST", "/admin/v1/events/evt_1/replay", token: "second-admin-0123456789")
                #expect(other.status == 202)
                let step = try await server.store.replaySteps.advance(replay["id"]?.string ?? "", pendingAtMost: 10)
                #expect(step?.queued == 3)
                #expect(try await server.admin("POST", "/events/evt_2/replay").summary == "409 event_pending")
            }
            try await ServerFixture.with(source: database.source, workers: 1) { server in
                #expect(try await finished(server, replay)["ended"] == Self.ended(failed: 3))
                #expect(try await attempts(server) == [2: 3])
                for (id, label) in [("evt_0", "night-shift"), ("evt_1", "admin-2"), ("evt_2", "night-shift")] {
                    let history = try await server.admin("GET", "/events/\(id)").json["history"]
                    #expect(history?[1]?["operator"]?.string == label, "\(id)")
                }
            }
        }
    }

    @Test func `two replays of the same events at once both end, with exact counts`() async throws {
        try await withFailed(200) { database in
            var replays: [JSON] = []
            try await ServerFixture.with(source: database.source) { server in
                for _ in 0..<2 { replays.append(try await start(server, #"{"status":"failed"}"#)) }
            }
            // Two processes share the work.
            try await ServerFixture.with(source: database.source, workers: 1) { _ in
                try await ServerFixture.with(source: database.source, workers: 1) { server in
                    for replay in replays {
                        let done = try await finished(server, replay)
                        #expect(done["status"] == "done")
                        #expect(done["ended"] == Self.ended(failed: 200))
                    }
                    let counts = try await attempts(server)
                    #expect(counts.values.reduce(0, +) == 200)
                    #expect(Set(counts.keys).isSubset(of: [2, 3]))
                    #expect(try await pending(server) == 0)
                }
            }
        }
    }

    @Test func `events without their payload are left out and counted`() async throws {
        try await withFailed(5) { database in
            try await ServerFixture.with(source: database.source, workers: 1) { server in
                try await server.sql { connection in
                    _ = try connection.execute(
                        "UPDATE tollgate.event SET payload = NULL WHERE id IN ('evt_0', 'evt_1')")
                }
                let dry = try await server.admin("POST", "/replays", body: #"{"status":"failed","dry_run":true}"#).json
                #expect(dry["count"] == 3)
                #expect(dry["skipped"] == 2)
                #expect(dry["sample"]?.array?.count == 3)
                let done = try await finished(server, try await start(server, #"{"status":"failed"}"#))
                #expect(done["matched"] == 3)
                #expect(done["skipped"] == 2)
                #expect(done["ended"] == Self.ended(failed: 3))
                #expect(try await attempts(server) == [1: 2, 2: 3])
            }
        }
    }

    @Test func `retention takes the payload, and then a replay of the event is 410`() async throws {
        try await ServerFixture.with { server in
            try await server.handle([Events.checkout(id: "evt_1")])
            try await server.sql { connection in
                _ = try connection.execute("UPDATE tollgate.event SET received_at = now() - interval '20 days'")
            }
            var pruning = Pruning()
            while !pruning.isFinished {
                pruning = try #require(
                    try await server.store.retention.prune(pruning, atMost: 10, retention: .seconds(10 * 86_400)))
            }
            #expect(try await server.admin("POST", "/events/evt_1/replay").summary == "410 payload_pruned")
            #expect(try await server.deliver(Events.checkout(id: "evt_1")).receipt == "duplicate evt_1")
        }
    }

    @Test func `quarantined events are replayed too`() async throws {
        try await ServerFixture.with { server in
            for text in ["not json", "[1]"] { _ = try await server.deliver(Array(text.utf8)) }
            let done = try await finished(server, try await start(server, #"{"status":"quarantined"}"#))
            #expect(done["ended"] == ["processed": 0, "ignored": 0, "failed": 0, "quarantined": 2])
        }
    }

    @Test func `the list shows the latest 20, the newest first`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            var ids: [String] = []
            for _ in 0..<22 { ids.append(try await start(server, #"{"status":"ignored"}"#)["id"]?.string ?? "") }
            let list = try await server.admin("GET", "/replays").json["data"]?.array ?? []
            #expect(list.map { $0["id"]?.string } == ids.reversed().prefix(20).map(Optional.some))
            #expect(Set(ids).count == 22)
            #expect(try await server.admin("GET", "/replays?limit=5").summary == "400 unknown_parameter")
        }
    }

    @Test func `what cannot be a replay is 400 and starts none`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            let long = String(repeating: "x", count: 256)
            for (body, problem) in [
                ("", "invalid_json"), ("[]", "invalid_json"), ("{}", "missing_field"),
                (#"{"type":"invoice.paid"}"#, "missing_field"), (#"{"status":null}"#, "invalid_field"),
                (#"{"status":5}"#, "invalid_field"), (#"{"status":"pending"}"#, "invalid_field"),
                (#"{"status":"Failed"}"#, "invalid_field"), (#"{"status":"failed,ignored"}"#, "invalid_field"),
                (#"{"status":"failed","types":"x"}"#, "unknown_field"),
                (#"{"status":"failed","limit":5}"#, "unknown_field"),
                (#"{"status":"failed","dryRun":true}"#, "unknown_field"),
                (#"{"status":"failed","dry_run":"true"}"#, "invalid_field"),
                (#"{"status":"failed","dry_run":1}"#, "invalid_field"),
                (#"{"status":"failed","type":""}"#, "invalid_field"),
                (#"{"status":"failed","type":"\u0000"}"#, "invalid_field"),
                (#"{"status":"failed","type":"\#(long)"}"#, "invalid_field"),
                (#"{"status":"failed","customer":"cus.1"}"#, "invalid_field"),
                (#"{"status":"failed","customer":"' OR true --"}"#, "invalid_field"),
                (#"{"status":"failed","customer":["cus_1"]}"#, "invalid_field"),
                (#"{"status":"failed","created_after":"yesterday"}"#, "invalid_field"),
                (#"{"status":"failed","created_after":-1}"#, "invalid_field"),
                (#"{"status":"failed","created_after":1.5}"#, "invalid_field"),
                (#"{"status":"failed","created_after":9223372036854775807}"#, "invalid_field"),
                (#"{"status":"failed","created_before":99999999999999999999}"#, "invalid_field"),
                (#"{"status":"failed","created_before":true}"#, "invalid_field"),
            ] {
                let answer = try await server.admin("POST", "/replays", body: body)
                #expect(answer.summary == "400 \(problem)", "\(body): \(answer.text)")
            }
            #expect(try await server.admin("GET", "/replays").text == #"{"data":[]}"#)
        }
    }

    @Test func `replays are for operators, and one that is not there is 404`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            for (method, path) in [
                ("GET", "/replays"), ("POST", "/replays"), ("GET", "/replays/rpl_1"), ("DELETE", "/replays/rpl_1"),
                ("POST", "/replays/rpl_1/cancel"),
            ] {
                let open = try await server.inside(method, "/admin/v1\(path)")
                #expect(open.summary == "401 unauthenticated", "\(method) \(path)")
                #expect(try await server.gateway(method, "/admin/v1\(path)").summary == "403 forbidden")
                if path.contains("rpl_1") {
                    #expect(try await server.admin(method, path).summary == "404 unknown_replay", "\(method) \(path)")
                    let strange = path.replacing("rpl_1", with: "rpl%001")
                    #expect(try await server.admin(method, strange).summary == "400 invalid_id", "\(method) \(path)")
                }
            }
            #expect(try await server.admin("PUT", "/replays").headers["allow"] == "GET, HEAD, POST")
        }
    }
}
