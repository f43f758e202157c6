// SPDX-License-Identifier: Apache-2.0

import Hashing
import TestSupport
import Testing

@testable import Server

/// How validly signed bodies that no sane sender writes are handled.
@Suite(.serialized) struct BadInputTests {
    @Test(arguments: BadInput.all)
    func `every strange body is answered, has an end that says why, and stops no other`(_ samples: [BadInput])
        async throws
    {
        try await ServerFixture.with { server in
            // All at once, so that they share batches with each other and with good events.
            let answers = try await withThrowingTaskGroup(of: (Int, HTTPAnswer).self) { group in
                for (index, sample) in samples.enumerated() {
                    group.addTask { (index, try await server.deliver(sample.body)) }
                    let fine = Events.checkout(
                        id: "evt_fine\(index)",
                        customer: .string("cus_fine\(index)"),
                        session: "cs_\(index)",
                        paymentIntent: .string("pi_fine\(index)")
                    )
                    group.addTask { (-1, try await server.deliver(fine.bytes)) }
                }
                return try await group.reduce(into: [(Int, HTTPAnswer)]()) { $0.append($1) }
            }
            for (index, answer) in answers where index < 0 { #expect(answer.status == 200) }
            for (index, answer) in answers where index >= 0 { try await check(samples[index], answer, server) }
            for index in samples.indices {
                #expect(try await server.ended("evt_fine\(index)")["status"] == "processed")
                #expect(try await server.access("cus_fine\(index)")["credits"] == 500)
            }
            // Nothing that was stored breaks what operators and gateways read.
            #expect(try await server.sql { try $0.execute("SELECT * FROM tollgate.api_access").count } > 0)
            for status in ["quarantined", "failed", "ignored", "processed"] {
                #expect(try await server.admin("GET", "/events?status=\(status)&limit=100").status == 200, "\(status)")
            }
            #expect(try await server.admin("GET", "/events?status=pending").json["data"] == [])
        }
    }

    private func check(_ sample: BadInput, _ answer: HTTPAnswer, _ server: ServerFixture) async throws {
        let name = Comment(rawValue: sample.name)
        #expect(answer.status == 200, name)
        let json = try answer.json
        guard let id = json["id"]?.string else {
            Issue.record("\(sample.name): \(answer.text)")
            return
        }
        let event = try await server.ended(id)
        let status = event["status"]?.string
        switch sample.end {
        case .quarantined(let error):
            #expect(json["outcome"] == "quarantined", name)
            #expect(status == "quarantined", name)
            #expect(id == "sha256_\(try #require(Digest.sha256(sample.body)))", name)
            #expect(event["error"]?.string?.contains(error) == true, "\(sample.name): \(event["error"]?.string ?? "-")")
            let list = try await server.admin("GET", "/events?status=quarantined&limit=100").json
            let line = list["data"]?.array?.first { $0["id"]?.string == id }
            #expect(line?["error"] == event["error"], name)
        case .failed(let error):
            #expect(json["outcome"] == "accepted", name)
            #expect(status == "failed", name)
            #expect(event["error"]?.string?.contains(error) == true, "\(sample.name): \(event["error"]?.string ?? "-")")
        case .ignored(let detail):
            #expect(json["outcome"] == "accepted", name)
            #expect(status == "ignored", name)
            #expect(event["detail"]?.string == detail, name)
        case .processed:
            #expect(json["outcome"] == "accepted", name)
            #expect(status == "processed", "\(sample.name): \(event["error"]?.string ?? "-")")
        }
        if let customer = event["customer"]?.string {
            let access = try await server.gateway("GET", "/v1/customers/\(customer)/access")
            #expect([200, 404].contains(access.status), "\(sample.name): \(access.text)")
            let statement = try await server.admin("GET", "/customers/\(customer)")
            #expect([200, 404].contains(statement.status), "\(sample.name): \(statement.text)")
        }
    }

    @Test func `of two ids or two types in one event, the one that is answered is the one that is stored`() async throws
    {
        try await ServerFixture.with { server in
            let body = Array(
                """
                {"id":"evt_a","id":"evt_b","object":"event","type":"customer.created","type":"customer.deleted",\
                "created":1795478400,"livemode":true,"livemode":false,"data":{"object":{}}}
                """.utf8)
            let answer = try await server.deliver(body)
            #expect(["accepted evt_a", "accepted evt_b"].contains(answer.receipt))
            let id = try #require(try answer.json["id"]?.string)
            #expect(try await server.deliver(body).receipt == "duplicate \(id)")
            let event = try await server.ended(id)
            #expect(event["status"] == "ignored")
            // The fields decoded on receipt are those that were decided on and are shown.
            #expect(event["type"] == event.at("payload.type"))
            #expect(event["livemode"] == event.at("payload.livemode"))
            #expect(event["detail"] == (event["livemode"] == true ? "unhandled_type" : "wrong_mode"))
            #expect(try await server.storedEvents() == 1)
        }
    }

    @Test func `a body with a byte-order mark is the event behind it`() async throws {
        try await ServerFixture.with { server in
            let body: [UInt8] = [0xEF, 0xBB, 0xBF] + Events.checkout(id: "evt_1").bytes
            let answer = try await server.deliver(body)
            #expect(answer.receipt == "accepted evt_1")
            #expect(try await server.ended("evt_1")["status"] == "processed")
        }
    }

    @Test func `a body of many small values is taken`() async throws {
        try await ServerFixture.with { server in
            for (id, unit) in [("n", "0,"), ("l", "[],"), ("o", "{},"), ("s", "\"\","), ("d", "0.1,")] {
                let many = String(repeating: unit, count: 8 * 1024 / unit.utf8.count).dropLast()
                let answer = try await server.deliver(Array(BadInput.envelope(id, ["z": "[\(many)]"]).utf8))
                #expect(answer.receipt == "accepted evt_\(id)", "\(unit)")
                #expect(try await server.ended("evt_\(id)")["status"] == "ignored")
            }
        }
    }

    @Test(arguments: [1, 2, 3])
    func `400 events with bytes changed at random all end, and none is refused`(_ seed: UInt64) async throws {
        var random = SeededRandom(seed)
        let originals = [
            Events.invoice("invoice.paid", id: "evt_1"), Events.invoice("invoice.payment_failed", id: "evt_2"),
            Events.checkout(id: "evt_3"), Events.paymentIntent(id: "evt_4"),
        ].map(\.bytes)
        let tokens = [
            "\\u0000", "\\ud800", "null", "[]", "{}", "9223372036854775808", "-1", "1e999", "\"", "\\", ",", "}",
            "\u{7F}",
            "\"\"", "true", "-0.0", "\"id\":", "\r\n", "😀",
        ].map { Array($0.utf8) }
        var bodies: [[UInt8]] = []
        for _ in 0..<400 {
            var body = originals[Int(random.next() % 4)]
            for _ in 0...(random.next() % 3) {
                let place = Int(random.next() % UInt64(body.count))
                switch random.next() % 4 {
                case 0: body[place] = UInt8(truncatingIfNeeded: random.next())
                case 1: body.insert(contentsOf: tokens[Int(random.next() % UInt64(tokens.count))], at: place)
                case 2: body.removeSubrange(place..<min(body.count, place + Int(random.next() % 9)))
                default:
                    let from = Int(random.next() % UInt64(body.count))
                    body.insert(contentsOf: body[from..<min(body.count, from + 30)], at: place)
                }
            }
            bodies.append(body)
        }
        let all = bodies
        try await ServerFixture.with(workers: 2) { server in
            try await withThrowingTaskGroup(of: HTTPAnswer.self) { group in
                for body in all { group.addTask { try await server.deliver(body) } }
                for try await answer in group {
                    #expect(answer.receipt != nil, "\(answer.status) \(answer.text)")
                }
            }
            try await eventually("the end of all") {
                try await server.admin("GET", "/events?status=pending&limit=1").json["data"] == [] ? true : nil
            }
            let silent = try await server.sql { connection in
                try connection.execute(
                    """
                    SELECT event_id FROM tollgate.event_work
                    WHERE status IN ('failed', 'quarantined') AND coalesce(length(error), 0) < 10
                    """
                ).map { try $0.decode(String.self) }
            }
            #expect(silent == [])
        }
    }
}
