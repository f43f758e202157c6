// SPDX-License-Identifier: Apache-2.0

import Billing
import Foundation
import Notation
import Postgres
import Spool
import Telemetry
import TestSupport
import Testing

@testable import Server

/// The answers while PostgreSQL cannot store an event.
@Suite(.serialized) struct OutageTests {
    /// As long as `serve` waits for the database.
    private static let budget: Duration = .seconds(2)
    /// Far above the budget, as the machine runs all other tests at once, and far below a wait for the database.
    private static let timeout: Duration = .seconds(15)

    private func expectUnavailable(_ server: ServerFixture, _ ids: [String], _ comment: Comment) async throws {
        let answers = try await withThrowingTaskGroup(of: (HTTPAnswer, Duration).self) { group in
            for id in ids {
                group.addTask {
                    let start = ContinuousClock.now
                    let answer = try await server.deliver(Events.checkout(id: id))
                    return (answer, start.duration(to: .now))
                }
            }
            return try await group.reduce(into: [(HTTPAnswer, Duration)]()) { $0.append($1) }
        }
        for (answer, duration) in answers {
            #expect(answer.summary == "503 unavailable", comment)
            #expect((answer.headers["retry-after"].flatMap { Int($0) } ?? 0) > 0, comment)
            #expect(duration < Self.timeout, comment)
        }
    }

    @Test func `without a PostgreSQL it is 503 within the budget, and everything else says so too`() async throws {
        try await SilentServer.with { silent in
            for (what, source) in [
                ("no socket", "host=/nonexistent dbname=x"),
                ("nobody listens", "host=127.0.0.1 port=1 dbname=x"),
                ("a server that never answers", "host=127.0.0.1 port=\(silent.port) dbname=x user=x"),
            ] {
                try await ServerFixture.with(source: DataSource(source), inboxTimeout: Self.budget) { server in
                    try await expectUnavailable(server, (1...20).map { "evt_\($0)" }, "\(what)")

                    let ready = try await server.inside("GET", "/readyz")
                    #expect(ready.status == 503, "\(what)")
                    #expect(try ready.json["status"] == "unready")
                    #expect(try ready.json.at("postgresql.state") == "down")
                    #expect(try ready.json.at("spool.state") == "off")
                    #expect(try await server.inside("GET", "/healthz").status == 200)

                    let access = try await server.gateway("GET", "/v1/customers/cus_1/access")
                    #expect(access.summary == "503 unavailable", "\(what)")
                    #expect(access.headers["retry-after"] != nil)
                    #expect(try await server.admin("GET", "/events").summary == "503 unavailable", "\(what)")

                    let metrics = try await server.inside("GET", "/metrics").text
                    #expect(metrics.contains("\ntollgate_postgresql_up 0\n"), "\(what)")
                    #expect(metrics.contains("\ntollgate_events_received_total{outcome=\"unavailable\"} 20\n"))
                    // Unsigned is still 400: that needs no database.
                    #expect(try await server.post([0x20], headers: []).summary == "400 missing_signature")
                }
            }
        }
    }

    @Test func `a PostgreSQL that hangs is 503 within the budget, and once it is back nothing is lost or doubled`()
        async throws
    {
        try await ServerFixture.with(inboxTimeout: Self.budget) { server in
            try await server.deliver(Events.checkout(id: "evt_0"))
            try await server.whileInboxIsLocked {
                try await expectUnavailable(server, (1...20).map { "evt_\($0)" }, "the first")
                try await expectUnavailable(server, ["evt_21"], "a later one")
            }
            // Stripe retries.
            try await eventually("an answer") {
                try await server.deliver(Events.checkout(id: "evt_1")).status == 200 ? true : nil
            }
            for id in (2...21).map({ "evt_\($0)" }) {
                let answer = try await server.deliver(Events.checkout(id: id))
                #expect(["accepted \(id)", "duplicate \(id)"].contains(answer.receipt))
            }
            for id in (0...21).map({ "evt_\($0)" }) {
                #expect(try await server.ended(id)["status"] == "processed")
            }
            #expect(try await server.storedEvents() == 22)
            #expect(try await server.access()["credits"] == 500)
            #expect(try await server.inside("GET", "/readyz").status == 200)
        }
    }

    // MARK: With a spool

    private func withSpool(limit: Int = 1 << 20, _ body: (Spool) async throws -> Void) async throws {
        try await withSpoolFolder(limit: limit) { spool, _ in try await body(spool) }
    }

    private func withSpoolFolder(limit: Int = 1 << 20, _ body: (Spool, String) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "tollgate-spool-\(UUID().uuidString)")
            .path
        let spool = try Spool.open(directory: directory, limit: limit)
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(spool, directory))
        } catch {
            result = .failure(error)
        }
        await spool.close()
        try FileManager.default.removeItem(atPath: directory)
        try result.get()
    }

    @Test func `the metrics say which version it is, who is blocked for what, and what lies beside the spool`()
        async throws
    {
        try await withSpool { spool in
            try await ServerFixture.with(workers: 0, spool: spool) { server in
                _ = try await server.admin(
                    "PUT", "/customers/cus_1/override", body: #"{"allowed":false,"reason":"abuse"}"#)
                let lines = Set(try await server.inside("GET", "/metrics").text.split(separator: "\n").map(String.init))
                for line in [
                    #"tollgate_build_info{commit="\#(Version.commit ?? "unknown")",version="\#(Version.current)"} 1"#,
                    #"tollgate_customers{reason="override_deny"} 1"#, #"tollgate_customers{reason="credits"} 0"#,
                    #"tollgate_spool_set_aside_files{kind="damaged"} 0"#,
                    #"tollgate_spool_set_aside_files{kind="refused"} 0"#,
                    #"tollgate_events_received_total{outcome="spooled"} 0"#,
                    #"tollgate_events_received_total{outcome="signature_mismatch"} 0"#,
                ] { #expect(lines.contains(line), "\(line)") }
                try await spool.setAside(SpooledRecord(receivedAt: Timestamp.now, payload: [1]), reason: "r")
                let text = try await server.inside("GET", "/metrics").text
                #expect(text.contains(#"tollgate_spool_set_aside_files{kind="refused"} 1"#))
            }
        }
    }

    @Test func `without a PostgreSQL events are spooled, and the process is ready`() async throws {
        try await withSpool { spool in
            try await ServerFixture.with(
                source: DataSource("host=/nonexistent dbname=x"), spool: spool, inboxTimeout: Self.budget
            ) { server in
                for id in ["evt_1", "evt_2"] {
                    #expect(try await server.deliver(Events.checkout(id: id)).receipt == "spooled \(id)")
                }
                let strange = try await server.deliver(Array("not json".utf8))
                #expect(strange.receipt?.hasPrefix("spooled sha256_") == true)
                let ready = try await server.inside("GET", "/readyz")
                #expect(ready.status == 200)
                #expect(try ready.json.at("postgresql.state") == "down")
                #expect(try ready.json.at("spool.state") == "up")
                #expect(try ready.json.at("spool.records") == 3)
                let metrics = try await server.inside("GET", "/metrics").text
                #expect(metrics.contains("\ntollgate_spool_records 3\n"))
                #expect(metrics.contains("\ntollgate_events_received_total{outcome=\"spooled\"} 3\n"))
                // Unsigned is refused: that needs neither database nor spool.
                #expect(try await server.post([0x20], headers: []).summary == "400 missing_signature")

                server.readiness.stop()
                let stopping = try await server.inside("GET", "/readyz")
                #expect(stopping.status == 503)
                #expect(try stopping.json["status"] == "stopping")
            }
        }
    }

    @Test func `what was spooled is drained once PostgreSQL takes it, and a full spool is 503`() async throws {
        try await withSpool(limit: 8 * 1024) { spool in
            try await ServerFixture.with(spool: spool, inboxTimeout: Self.budget) { server in
                let ids = (0..<10).map { "evt_\($0)" }
                var full = 0
                try await server.whileInboxIsLocked {
                    for id in ids {
                        let answer = try await server.deliver(Events.checkout(id: id))
                        #expect(answer.receipt == "spooled \(id)", "\(answer.text)")
                    }
                    for n in 0..<20 {
                        let answer = try await server.deliver(Events.checkout(id: "evt_more\(n)"))
                        if answer.status == 200 { continue }
                        #expect(answer.summary == "503 unavailable")
                        full += 1
                    }
                    #expect(full > 0)
                }
                for id in ids { #expect(try await server.ended(id)["status"] == "processed") }
                try await eventually("an empty spool") { spool.state.records == 0 ? true : nil }
                #expect(try await server.storedEvents() == 30 - full)
                #expect(try await server.access()["credits"] == 500)
                let spooled = try await server.admin("GET", "/events?source=spool&limit=100").json["data"]?.array ?? []
                let spooledIDs = Set(spooled.compactMap { $0["id"]?.string })
                #expect(spooledIDs.isSuperset(of: ids))
                #expect(spooled.allSatisfy { $0["source"] == "spool" })
                // A repeated event is a duplicate, and the spool is not needed.
                try await eventually("the database is asked again") {
                    try await server.deliver(Events.checkout(id: "evt_0")).receipt == "duplicate evt_0" ? true : nil
                }
            }
        }
    }

    @Test func `events in a spool's folder that is moved away stay counted and said, and are drained once it is back`()
        async throws
    {
        try await withSpoolFolder { spool, directory in
            try await ServerFixture.with(spool: spool, inboxTimeout: Self.budget) { server in
                let ids = ["evt_1", "evt_2"]
                let away = directory + "-away"
                try await server.whileInboxIsLocked {
                    for id in ids {
                        #expect(try await server.deliver(Events.checkout(id: id)).receipt == "spooled \(id)")
                    }
                    try FileManager.default.moveItem(atPath: directory, toPath: away)
                }
                try await eventually("a look at the spool") { spool.state.stuck == 2 ? true : nil }
                let ready = try await server.inside("GET", "/readyz")
                #expect(ready.status == 200)
                #expect(try ready.json.at("spool.state") == "failing")
                #expect(try ready.json.at("spool.records") == 2)
                #expect(try ready.json.at("spool.stuck") == 2)
                #expect(try await server.inside("GET", "/metrics").text.contains("\ntollgate_spool_records 2\n"))
                try FileManager.default.moveItem(atPath: away, toPath: directory)
                for id in ids { #expect(try await server.ended(id)["status"] == "processed") }
                try await eventually("an empty spool") { spool.state.records == 0 ? true : nil }
                let document = try await server.inside("GET", "/readyz").json
                #expect(document["spool"] == ["state": "up", "records": 0, "bytes": 0])
            }
        }
    }

    @Test func `a spool's folder that was moved away for good takes no more acknowledgements, a new one does`()
        async throws
    {
        try await withSpoolFolder { spool, directory in
            try await ServerFixture.with(
                source: DataSource("host=/nonexistent dbname=x"), spool: spool, inboxTimeout: Self.budget
            ) { server in
                #expect(try await server.deliver(Events.checkout(id: "evt_1")).receipt == "spooled evt_1")
                try FileManager.default.moveItem(atPath: directory, toPath: directory + "-away")
                #expect(try await server.deliver(Events.checkout(id: "evt_2")).summary == "503 unavailable")
                #expect(try await server.deliver(Events.checkout(id: "evt_2")).receipt == "spooled evt_2")
                #expect(try Spool.list(directory: directory).segments.map(\.records) == [1])
                #expect(try Spool.list(directory: directory + "-away").segments.map(\.records) == [1])
                let ready = try await server.inside("GET", "/readyz")
                #expect(try ready.json.at("spool.state") == "up")
                #expect(try ready.json.at("spool.records") == 2)
                #expect(try ready.json.at("spool.stuck") == 1)
            }
            try FileManager.default.removeItem(atPath: directory + "-away")
        }
    }

    @Test func `a spooled event keeps the time at which it came`() async throws {
        try await withSpool { spool in
            try await ServerFixture.with(spool: spool, inboxTimeout: Self.budget) { server in
                try await server.whileInboxIsLocked {
                    // The first event's insert may still succeed after it is spooled; the others are spooled at once.
                    try await server.deliver(Events.checkout(id: "evt_first"))
                    server.clock.shift(by: .seconds(-86_400))
                    let past = try await server.deliver(Events.checkout(id: "evt_past"))
                    #expect(past.receipt == "spooled evt_past")
                    server.clock.shift(by: .seconds(86_400))
                    let future = try await server.deliver(Events.checkout(id: "evt_future"))
                    #expect(future.receipt == "spooled evt_future")
                    server.clock.shift(by: .zero)
                    // The insert that was given up on still succeeds if the lock is released before its timeout.
                    try await eventually("the end of the wait") {
                        try await server.sql { connection in
                            try connection.execute(
                                """
                                SELECT true FROM pg_stat_activity
                                WHERE datname = current_database() AND application_name = 'tollgate-ingest'
                                  AND wait_event_type = 'Lock' AND query LIKE '%arrived%'
                                """
                            ).count == 0
                        } ? true : nil
                    }
                }
                let now = Timestamp.now
                let past = try #require(
                    try await server.ended("evt_past")["received_at"]?.string.flatMap { Timestamp(rfc3339: $0) })
                #expect(past < now - .seconds(86_000) && past > now - .seconds(87_000))
                // The time of receipt is not later than that of storage, whatever the receiver's clock said.
                let future = try #require(
                    try await server.ended("evt_future")["received_at"]?.string.flatMap { Timestamp(rfc3339: $0) })
                #expect(future < now + .seconds(600))
                let listed = try await server.admin("GET", "/events").json["data"]?.array?.map { $0["id"]?.string }
                #expect(listed?.firstIndex(of: "evt_future") ?? 9 < listed?.firstIndex(of: "evt_past") ?? 0)
            }
        }
    }

    // MARK: The flag

    @Test func `a gateway is answered from memory while PostgreSQL is away, right to the second`() async throws {
        try await TestDatabase.with { database in
            try await ServerFixture.with(
                source: database.source, policy: Policy(gracePeriod: .seconds(15)), workers: 1
            ) { server in
                let created = Timestamp(seconds: Timestamp.now.seconds)
                try await server.handle([Events.invoice("invoice.payment_failed", id: "evt_1", created: created)])
                let fresh = try await server.access()
                #expect(fresh["reason"] == "grace_period")
                #expect(fresh["stale"] == nil)

                try await database.cutOff()
                let stale = try await eventually("an answer from memory") {
                    let answer = try await server.access()
                    return answer["stale"] == true ? answer : nil
                }
                #expect(stale["credits"] == fresh["credits"])
                let over = try await eventually("the end of grace") {
                    let asked = Timestamp.now
                    let answer = try await server.access()
                    let isOver = answer["reason"] == "payment_overdue"
                    if asked >= created + .seconds(15) { #expect(isOver) }
                    if Timestamp.now < created + .seconds(15) { #expect(!isOver) }
                    return isOver ? answer : nil
                }
                #expect(over["allowed"] == false)
                #expect(over["stale"] == true)
                // A customer that was not requested before is not in memory.
                let unknown = try await server.gateway("GET", "/v1/customers/cus_2/access")
                #expect(unknown.summary == "503 unavailable")

                try await database.letIn()
                try await eventually("a fresh answer") {
                    try await server.access()["stale"] == nil ? true : nil
                }
            }
        }
    }
}
