// SPDX-License-Identifier: Apache-2.0

import Notation
import TestSupport
import Testing

@testable import Server

/// What operators see and do with events.
@Suite(.serialized) struct AdminEventTests {
    private func ids(_ server: ServerFixture, _ query: String) async throws -> [String] {
        let answer = try await server.admin("GET", "/events\(query)")
        #expect(answer.status == 200, "\(query)")
        return try answer.json["data"]?.array?.compactMap { $0["id"]?.string } ?? []
    }

    private static let quarantined = "sha256_7ccfa1fbf3940e6f0c0375d87c0f9235a50514e14cb427bdfaf5077987b26ccf"

    /// Events of every final status: processed, ignored, failed, quarantined, and processed for another customer.
    private func deliverSome(_ server: ServerFixture) async throws {
        try await server.handle([
            Events.checkout(id: "evt_paid"),
            Events.event("customer.created", id: "evt_new", created: Events.midnight + .seconds(60), object: [:]),
            Events.checkout(id: "evt_bad", credits: "lots"),
        ])
        _ = try await server.deliver(Array("not json".utf8))
        try await server.handle([
            Events.checkout(id: "evt_two", customer: "cus_2", session: "cs_2", paymentIntent: "pi_2")
        ])
    }

    @Test func `the list is newest first, and every filter narrows it`() async throws {
        try await ServerFixture.with { server in
            #expect(try await server.admin("GET", "/events").text == #"{"data":[],"has_more":false}"#)
            try await deliverSome(server)
            let all = ["evt_two", Self.quarantined, "evt_bad", "evt_new", "evt_paid"]
            for (query, expected) in [
                ("", all),
                ("?status=&type=&customer=&created_after=&limit=&starting_after=", all),
                ("?status=processed", ["evt_two", "evt_paid"]),
                ("?status=ignored", ["evt_new"]),
                ("?status=failed", ["evt_bad"]),
                ("?status=quarantined", [Self.quarantined]),
                ("?status=pending", []),
                ("?type=checkout.session.completed", ["evt_two", "evt_bad", "evt_paid"]),
                ("?type=checkout%2Esession%2Ecompleted&status=failed", ["evt_bad"]),
                ("?type=nothing.like.it", []),
                ("?customer=cus_2", ["evt_two"]),
                ("?customer=cus_1&status=processed", ["evt_paid"]),
                ("?created_after=1795478400", ["evt_new"]),
                ("?created_after=1795478399", ["evt_two", "evt_bad", "evt_new", "evt_paid"]),
                ("?created_after=2026-11-24T00:00:59Z", ["evt_new"]),
                ("?created_after=2026-11-24T00:01:00Z", []),
                ("?created_before=1795478401", ["evt_two", "evt_bad", "evt_paid"]),
                ("?created_before=2026-11-24T00:00:00Z", []),
                ("?created_after=1795478400&created_before=1795478461", ["evt_new"]),
                ("?limit=2", ["evt_two", Self.quarantined]),
                ("?limit=2&starting_after=\(Self.quarantined)", ["evt_bad", "evt_new"]),
                ("?starting_after=evt_paid", []),
                ("?customer=cus_1&starting_after=evt_two", ["evt_bad", "evt_paid"]),
            ] as [(String, [String])] {
                #expect(try await ids(server, query) == expected, "\(query)")
            }
        }
    }

    @Test func `a line of the list says what an event is and where it stands`() async throws {
        try await ServerFixture.with { server in
            try await deliverSome(server)
            let lines = try await server.admin("GET", "/events").json["data"]?.array ?? []
            func line(_ id: String) throws -> [String: JSON] {
                var line = try #require(lines.first { $0["id"]?.string == id }?.object)
                let received = try #require(line.removeValue(forKey: "received_at")?.string)
                #expect(Timestamp(rfc3339: received).map { Timestamp.now - .seconds(60) < $0 } == true)
                return line
            }
            let paid = try line("evt_paid")
            #expect(
                paid == [
                    "id": "evt_paid", "type": "checkout.session.completed", "status": "processed",
                    "created": "2026-11-24T00:00:00Z", "customer": "cus_1", "livemode": true, "account": .null,
                    "api_version": "2026-10-28.endive", "secret": "platform", "source": "webhook", "attempts": 1,
                    "detail": .null, "error": .null,
                ])
            #expect(try line("evt_new")["detail"] == "unhandled_type")
            let error = try line("evt_bad")["error"]
            #expect(error?.string?.hasPrefix("data.object.metadata.credits is not a whole number") == true)
            let strange = try line(Self.quarantined)
            #expect(strange["status"] == "quarantined")
            #expect(strange["type"] == .null)
            #expect(strange["created"] == .null)
            #expect(strange["error"]?.string?.contains("not JSON") == true)
        }
    }

    @Test func `pages join to the whole list, without a gap and without a repetition`() async throws {
        try await ServerFixture.with { server in
            let expected = (0..<105).map { "evt_\($0)" }
            // Events of one batch share a time of receipt.
            try await withThrowingTaskGroup(of: Void.self) { group in
                for id in expected {
                    group.addTask { try await server.deliver(Events.event("customer.created", id: id, object: [:])) }
                }
                try await group.waitForAll()
            }
            for (limit, pages) in [("1", 105), ("10", 11), ("35", 3), ("100", 2)] {
                var found: [String] = []
                var count = 0
                var hasMore = true
                while hasMore {
                    let after = found.last.map { "&starting_after=\($0)" } ?? ""
                    let page = try await server.admin("GET", "/events?limit=\(limit)\(after)").json
                    found += page["data"]?.array?.compactMap { $0["id"]?.string } ?? []
                    hasMore = try #require(page["has_more"]?.bool as Bool?)
                    count += 1
                }
                #expect(found.sorted() == expected.sorted(), "limit \(limit)")
                #expect(count == pages, "limit \(limit)")
            }
            #expect(try await ids(server, "").count == 10)
        }
    }

    @Test func `what the list cannot do with its parameters is 400`() async throws {
        try await ServerFixture.with { server in
            try await server.handle([Events.checkout(id: "evt_1")])
            let long = String(repeating: "x", count: 256)
            for query in [
                "limit=0", "limit=101", "limit=-1", "limit=1.5", "limit=ten", "limit=99999999999999999999",
                "limit=1&limit=2", "status=done", "status=Pending", "status=pending,failed", "customer=cus.1",
                "customer=%00", "customer=\(long)", "type=\(long)", "type=%00", "created_after=yesterday",
                "created_after=1e3", "created_after=99999999999999999999", "created_after=9223372036854775807",
                "created_after=-9223372036854775808", "created_after=999999999999-01-01T00:00:00Z",
                "created_before=tomorrow", "created_before=-1",
                "starting_after=%C3%BC", "starting_after=%00",
            ] {
                let answer = try await server.admin("GET", "/events?\(query)")
                #expect(answer.summary == "400 invalid_parameter", "\(query)")
            }
            #expect(
                try await server.admin("GET", "/events?starting_after=evt_unknown").summary == "404 unknown_event")
            for query in ["state=failed", "limits=5", "Limit=5", "offset=1", "ending_before=evt_1", "status=failed&x"] {
                let answer = try await server.admin("GET", "/events?\(query)")
                #expect(answer.summary == "400 unknown_parameter", "\(query)")
            }
        }
    }

    @Test func `an event is shown with its payload, its history, and what it changed`() async throws {
        try await ServerFixture.with { server in
            let sent = Events.checkout(id: "evt_1")
            try await server.handle([sent])
            let event = try await server.admin("GET", "/events/evt_1").json
            #expect(event["payload"] == sent)
            #expect(event["payload_base64"] == nil)
            let history = try #require(event["history"]?.array)
            #expect(history.map { $0["outcome"] } == ["processed"])
            #expect(history.first?["number"] == 1)
            let started = history.first?["started_at"]?.string.flatMap(Timestamp.init(rfc3339:))
            let finished = history.first?["finished_at"]?.string.flatMap(Timestamp.init(rfc3339:))
            #expect(try #require(started) <= #require(finished))

            let change = try #require(event["changes"]?[0])
            #expect(change["customer"] == "cus_1")
            #expect(change["allowed"] == true)
            #expect(change["reason"] == "credits")
            #expect(change["version"] == 1)
            #expect(change["cause"] == ["kind": "event", "event": "evt_1"])
            let entry = try #require(event["ledger"]?[0])
            #expect(entry["amount"] == 500)
            #expect(entry["balance"] == 500)
            #expect(entry["kind"] == "top_up")
            #expect(entry["business_key"]?.string?.contains("pi_1") == true)
            #expect(entry["event"] == "evt_1")

            // An event that changed nothing has empty lists.
            try await server.handle([Events.paymentIntent(id: "evt_2")])
            let second = try await server.admin("GET", "/events/evt_2").json
            #expect(second["status"] == "processed")
            #expect(second["changes"] == [])
            #expect(second["ledger"] == [])
        }
    }

    @Test func `the payload of a signed body that is no JSON is shown in base64`() async throws {
        try await ServerFixture.with { server in
            for (body, base64) in [
                (Array("not json".utf8), "bm90IGpzb24="), ([0x1F, 0x8B, 0x08, 0x00, 0xFF], "H4sIAP8="), ([], ""),
            ] as [([UInt8], String)] {
                let id = try #require(try await server.deliver(body).json["id"]?.string)
                let event = try await server.admin("GET", "/events/\(id)").json
                #expect(event["payload"] == nil)
                #expect(event["payload_base64"]?.string == base64)
            }
            // A payload that is JSON but not an event is shown as JSON.
            let id = try #require(try await server.deliver(Array("[1,2]".utf8)).json["id"]?.string)
            #expect(try await server.admin("GET", "/events/\(id)").json["payload"] == [1, 2])
        }
    }

    @Test func `an id that is unknown is 404, one that is none is 400`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            let long = String(repeating: "x", count: 255)
            for (method, tail) in [("GET", ""), ("POST", "/replay")] {
                for id in ["evt_1", long] {
                    let answer = try await server.admin(method, "/events/\(id)\(tail)")
                    #expect(answer.summary == "404 unknown_event", "\(method) \(id)")
                }
                for id in ["\(long)x", "evt%00", "evt%7F", "%C3%BC"] {
                    let answer = try await server.admin(method, "/events/\(id)\(tail)")
                    #expect(answer.summary == "400 invalid_id", "\(method) \(id)")
                }
            }
        }
    }

    /// Stripe's ids are letters, digits and underscores; a signed event may have any id that the inbox accepts.
    private static let oddIDs = [
        "evt_a.1", "evt b", "evt/c", "evt%2Fd", "%", "?x=1", "#", ".", "..", "stats", "evt+e", "*", "{id}", ":id",
        "evt'--", "\"", "\\",
        " ", String(repeating: "/", count: 255),
    ]

    private static func encoded(_ id: String) -> String {
        id.utf8.map { byte in
            let hex = String(byte, radix: 16)
            return "%" + (hex.count < 2 ? "0" : "") + hex
        }.joined()
    }

    @Test func `an event with any id that is kept is listed, paged past, shown and run again`() async throws {
        try await ServerFixture.with { server in
            for id in Self.oddIDs {
                let answer = try await server.deliver(Events.event("customer.created", id: id, object: [:]))
                #expect(answer.receipt == "accepted \(id)")
            }
            var found: [String] = []
            var hasMore = true
            while hasMore {
                let after = found.last.map { "&starting_after=\(Self.encoded($0))" } ?? ""
                let page = try await server.admin("GET", "/events?limit=1\(after)").json
                found += page["data"]?.array?.compactMap { $0["id"]?.string } ?? []
                hasMore = try #require(page["has_more"]?.bool as Bool?)
            }
            #expect(found.sorted() == Self.oddIDs.sorted())
            for id in Self.oddIDs {
                let path = "/events/\(Self.encoded(id))"
                let event = try await eventually("the end of \(id)") {
                    let event = try await server.admin("GET", path).json
                    return event["status"] == "pending" ? nil : event
                }
                #expect(event["id"]?.string == id)
                #expect(event.at("payload.id")?.string == id)
                let answer = try await server.admin("POST", "\(path)/replay")
                #expect(answer.status == 202, "\(id)")
                #expect(try answer.json["id"]?.string == id)
            }
        }
    }

    // MARK: Replay

    @Test func `every ended event can be replayed, keeps each attempt with who asked, and applies nothing twice`()
        async throws
    {
        try await ServerFixture.with { server in
            try await deliverSome(server)
            for (id, outcomes) in [
                ("evt_paid", ["processed", "processed"]), ("evt_new", ["ignored", "ignored"]),
                ("evt_bad", ["failed", "failed"]), (Self.quarantined, ["quarantined"]),
            ] as [(String, [JSON])] {
                let answer = try await server.admin("POST", "/events/\(id)/replay")
                #expect(answer.status == 202)
                #expect(try answer.json == ["id": .string(id), "status": "pending"])
                let event = try await server.ended(id)
                let history = event["history"]?.array ?? []
                #expect(history.map { $0["outcome"] } == outcomes, "\(id)")
                #expect(history.last?["operator"] == "night-shift", "\(id)")
                #expect(event["status"] == outcomes.last)
            }
            #expect(try await server.ended("evt_paid")["history"]?[0]?["operator"] == nil)
            #expect(try await server.access()["credits"] == 500)
            #expect(try await server.access()["version"] == 1)
        }
    }

    @Test func `an event that is pending is 409, one without its payload is 410`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            try await server.deliver(Events.checkout(id: "evt_1"))
            #expect(try await server.admin("POST", "/events/evt_1/replay").summary == "409 event_pending")
        }
        try await ServerFixture.with { server in
            try await server.handle([Events.checkout(id: "evt_1")])
            try await server.sql { _ = try $0.execute("UPDATE tollgate.event SET payload = NULL") }
            #expect(try await server.admin("POST", "/events/evt_1/replay").summary == "410 payload_pruned")
            let event = try await server.admin("GET", "/events/evt_1").json
            #expect(event["status"] == "processed")
            #expect(event["payload"] == nil)
            #expect(event["payload_base64"] == nil)
            #expect(event["ledger"]?[0]?["amount"] == 500)
        }
    }
}
