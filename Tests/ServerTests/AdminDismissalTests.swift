// SPDX-License-Identifier: Apache-2.0

import Notation
import TestSupport
import Testing

@testable import Server

/// What operators do with events that cannot be fixed.
@Suite(.serialized) struct AdminDismissalTests {
    private func dismiss(_ server: ServerFixture, _ id: String, _ reason: String = "typo") async throws -> HTTPAnswer {
        try await server.admin("POST", "/events/\(id)/dismiss", body: #"{"reason":"\#(reason)"}"#)
    }

    @Test func `a failed and a quarantined event end as ignored, with who did it, why, and what was wrong`()
        async throws
    {
        try await ServerFixture.with { server in
            try await server.handle([Events.checkout(id: "evt_bad", credits: "lots")])
            let strange = try #require(try await server.deliver(Array("no event".utf8)).json["id"]?.string)
            for id in ["evt_bad", strange] {
                let before = try await server.admin("GET", "/events/\(id)").json
                let answer = try await dismiss(server, id, "bad metadata 🤷")
                #expect(answer.status == 200)
                var document = try #require(try answer.json.object)
                #expect(document.removeValue(forKey: "at")?.string.flatMap(Timestamp.init(rfc3339:)) != nil)
                #expect(
                    document == [
                        "id": .string(id), "status": "ignored", "detail": "dismissed", "reason": "bad metadata 🤷",
                        "operator": "night-shift",
                    ])
                let event = try await server.admin("GET", "/events/\(id)").json
                #expect(event["status"] == "ignored")
                #expect(event["detail"] == "dismissed")
                #expect(event["error"] == before["error"])
                #expect(event["payload"] == before["payload"])
                let last = try #require(event["history"]?.array?.last)
                #expect(last["outcome"] == "ignored")
                #expect(last["message"] == "dismissed: bad metadata 🤷")
                #expect(last["operator"] == "night-shift")
                #expect(event["attempts"]?.integer == Int64(event["history"]?.array?.count ?? 0))
                // Dismissed again with another reason, it stays as it was.
                #expect(try await dismiss(server, id, "another").body == answer.body)
                #expect(try await server.admin("GET", "/events/\(id)").json == event)
            }
            #expect(try await server.admin("GET", "/events?status=failed").json["data"] == [])
        }
    }

    @Test func `what has not failed cannot be dismissed`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            try await server.deliver(Events.checkout(id: "evt_1"))
            #expect(try await dismiss(server, "evt_1").summary == "409 not_dismissible")
            #expect(try await dismiss(server, "evt_2").summary == "404 unknown_event")
        }
        try await ServerFixture.with { server in
            try await server.handle([
                Events.checkout(id: "evt_1"), Events.event("customer.created", id: "evt_2", object: [:]),
            ])
            for id in ["evt_1", "evt_2"] {
                let before = try await server.admin("GET", "/events/\(id)").json
                #expect(try await dismiss(server, id).summary == "409 not_dismissible", "\(id)")
                #expect(try await server.admin("GET", "/events/\(id)").json == before)
            }
        }
    }

    @Test func `a replay of many leaves a dismissed event out, and one of it alone runs it`() async throws {
        try await ServerFixture.with { server in
            try await server.handle((1...3).map { Events.checkout(id: "evt_\($0)", credits: "lots") })
            #expect(try await dismiss(server, "evt_2").status == 200)
            for (status, count) in [("failed", 2), ("ignored", 0)] {
                let dry = try await server.admin("POST", "/replays", body: #"{"status":"\#(status)","dry_run":true}"#)
                    .json
                #expect(dry["count"] == .integer(Int64(count)), "\(status)")
                #expect(dry["sample"]?.array?.count == count, "\(status)")
                let replay = try await server.admin("POST", "/replays", body: #"{"status":"\#(status)"}"#).json
                #expect(replay["matched"] == .integer(Int64(count)), "\(status)")
            }
            #expect(try await server.admin("GET", "/events/evt_2").json["status"] == "ignored")
            #expect(try await server.admin("POST", "/events/evt_2/replay").status == 202)
            let event = try await server.ended("evt_2")
            #expect(event["status"] == "failed")
            #expect(event["history"]?.array?.map { $0["outcome"] } == ["failed", "ignored", "failed"])
        }
    }

    @Test func `a replay that has begun is about one event less for each that is dismissed before its turn`()
        async throws
    {
        try await ServerFixture.with(workers: 0) { server in
            for number in 1...3 { _ = try await server.deliver(Array("no event \(number)".utf8)) }
            let replay = try await server.admin("POST", "/replays", body: #"{"status":"quarantined"}"#).json
            #expect(replay["matched"] == 3)
            let id = try #require(try await server.admin("GET", "/events").json["data"]?[1]?["id"]?.string)
            #expect(try await dismiss(server, id).status == 200)
            let path = "/replays/\(replay["id"]?.string ?? "")"
            let after = try await server.admin("GET", path).json
            #expect(after["matched"] == 2)
            #expect(after["skipped"] == 1)
            #expect(try await server.admin("DELETE", path).status == 200)
        }
    }

    @Test func `ten at once that dismiss one event are one dismissal`() async throws {
        try await ServerFixture.with { server in
            try await server.handle([Events.checkout(id: "evt_1", credits: "lots")])
            let bodies = try await withThrowingTaskGroup(of: [UInt8].self) { group in
                for number in 0..<10 { group.addTask { try await dismiss(server, "evt_1", "reason \(number)").body } }
                return try await group.reduce(into: Set<[UInt8]>()) { $0.insert($1) }
            }
            #expect(bodies.count == 1)
            #expect(try await server.admin("GET", "/events/evt_1").json["attempts"] == 2)
        }
    }

    @Test(arguments: [
        (#"{}"#, "missing_field"), (#"{"reason":""}"#, "invalid_field"), (#"{"reason":"a","x":1}"#, "unknown_field"),
        ("", "invalid_json"),
    ])
    func `a dismissal that is not what it must be is 400 and changes nothing`(_ body: String, _ code: String)
        async throws
    {
        try await ServerFixture.with { server in
            try await server.handle([Events.checkout(id: "evt_1", credits: "lots")])
            #expect(try await server.admin("POST", "/events/evt_1/dismiss", body: body).summary == "400 \(code)")
            #expect(try await server.ended("evt_1")["status"] == "failed")
        }
    }
}
