// SPDX-License-Identifier: Apache-2.0

import HTTP
import Notation
import Postgres
import Store
import Stripe
import TestSupport
import Testing

@testable import Server

/// The answers of the public listener.
@Suite(.serialized) struct WebhookTests {
    private static let event = Events.event("customer.created", id: "evt_1", object: ["object": "customer"])

    @Test func `an event is durable, byte for byte, before it is accepted, whether or not anything is processing`()
        async throws
    {
        try await ServerFixture.with(workers: 0) { server in
            let body = Array(
                """
                {"id" : "evt_1", "object":"event","type":"customer.created","created":1795478400,
                  "livemode":true, "data":{"object":{"id":"cus_1","object":"customer"}}, "spare": 1.50 }

                """.utf8)
            let answer = try await server.deliver(body)
            #expect(answer.receipt == "accepted evt_1")
            let (payload, type, created, customer) = try await server.sql { connection in
                try #require(
                    try connection.execute(
                        """
                        SELECT payload, type, created, customer_id FROM tollgate.event
                        JOIN tollgate.event_work ON event_id = id AND status = 'pending'
                        """
                    ).first
                ).decode([UInt8].self, String.self, Timestamp.self, String.self)
            }
            #expect(payload == body)
            #expect(type == "customer.created")
            #expect(created == Events.midnight)
            #expect(customer == "cus_1")
        }
    }

    @Test func `the same id again is a duplicate and changes nothing, whatever came with it`() async throws {
        try await ServerFixture.with { server in
            #expect(try await server.deliver(Events.checkout(id: "evt_1")).receipt == "accepted evt_1")
            #expect(try await server.deliver(Events.checkout(id: "evt_1")).receipt == "duplicate evt_1")
            try await server.ended("evt_1")
            #expect(try await server.deliver(Events.checkout(id: "evt_1")).receipt == "duplicate evt_1")
            let other = Events.checkout(id: "evt_1", session: "cs_2", paymentIntent: "pi_2", credits: "7").bytes
            #expect(try await server.deliver(other, secret: server.connectSecret).receipt == "duplicate evt_1")
            #expect(try await server.storedEvents() == 1)
            #expect(try await server.ended("evt_1")["attempts"] == 1)
            #expect(try await server.access()["credits"] == 500)
        }
    }

    @Test func `a signed body that is no event is kept under its digest, once`() async throws {
        try await ServerFixture.with { server in
            let body = Array("not json".utf8)
            // printf 'not json' | sha256sum
            let id = "sha256_7ccfa1fbf3940e6f0c0375d87c0f9235a50514e14cb427bdfaf5077987b26ccf"
            #expect(try await server.deliver(body).receipt == "quarantined \(id)")
            #expect(try await server.deliver(body).receipt == "duplicate \(id)")
            #expect(try await server.storedEvents() == 1)
            let event = try await server.ended(id)
            #expect(event["status"] == "quarantined")
            #expect(event["payload_base64"] == "bm90IGpzb24=")
        }
    }

    @Test func `64 parallel copies of one event are one accepted, 63 duplicates and one effect`() async throws {
        try await ServerFixture.with(workers: 2) { server in
            let body = Events.checkout(id: "evt_1").bytes
            let receipts = try await withThrowingTaskGroup(of: String?.self) { group in
                for _ in 0..<64 { group.addTask { try await server.deliver(body).receipt } }
                return try await group.reduce(into: [String?]()) { $0.append($1) }
            }
            #expect(receipts.count { $0 == "accepted evt_1" } == 1)
            #expect(receipts.count { $0 == "duplicate evt_1" } == 63)
            #expect(try await server.storedEvents() == 1)
            let event = try await server.ended("evt_1")
            #expect(event["attempts"] == 1)
            #expect(event["ledger"]?.array?.map { $0["amount"] } == [500])
            #expect(try await server.access()["credits"] == 500)
        }
    }

    // MARK: Signatures

    @Test func `either secret is accepted, and so are both, and signatures on several header lines`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            func body(_ id: String) -> [UInt8] { Events.event("customer.created", id: id, object: [:]).bytes }
            #expect(try await server.deliver(body("evt_1")).receipt == "accepted evt_1")
            #expect(try await server.deliver(body("evt_2"), secret: server.connectSecret).receipt == "accepted evt_2")

            let one = try server.platformSecret.sign(body: body("evt_3"), at: server.clock.now)
            let time = try #require(one.split(separator: ",").first)
            let right = try #require(one.split(separator: ",").last)
            let wrong = "v1=\(String(repeating: "0", count: 64))"
            for (id, lines) in [
                ("evt_3", [String(time), wrong, String(right)]),
                ("evt_3", ["\(time),\(wrong)", String(right)]),
                ("evt_3", ["\(right)", "v0=1,\(time)"]),
            ] {
                let answer = try await server.post(body(id), headers: lines.map { ("Stripe-Signature", $0) })
                #expect(["accepted evt_3", "duplicate evt_3"].contains(answer.receipt), "\(lines)")
            }
            // Two timestamps on two lines: it is unclear which one is signed.
            let two = try await server.post(
                body("evt_4"),
                headers: [
                    ("Stripe-Signature", try server.platformSecret.sign(body: body("evt_4"), at: server.clock.now)),
                    ("Stripe-Signature", try server.connectSecret.sign(body: body("evt_4"), at: server.clock.now)),
                ])
            #expect(two.summary == "400 malformed_signature")
        }
    }

    @Test func `what no known secret has signed is 400 with its reason, and nothing is stored`() async throws {
        try await ServerFixture.with { server in
            let body = Self.event.bytes
            let good = try server.platformSecret.sign(body: body, at: server.clock.now)
            let time = try #require(good.split(separator: ",").first)
            let stranger = try WebhookSecret(value: "whsec_stranger0123456789abcdefghijklmn")
            let zeros = String(repeating: "0", count: 64)
            let rows: [(header: String?, code: String)] = [
                (nil, "missing_signature"),
                ("", "missing_signature"),
                (" ", "missing_signature"),
                ("hello", "malformed_signature"),
                (String(time), "malformed_signature"),
                ("v1=\(zeros)", "malformed_signature"),
                ("t=now,v1=\(zeros)", "malformed_signature"),
                ("\(time),v0=\(zeros)", "malformed_signature"),
                (good.replacing(",", with: ";"), "malformed_signature"),
                ("\(time),\(good)", "malformed_signature"),
                ("\(time),v1=\(zeros)", "signature_mismatch"),
                ("\(time),v1=", "signature_mismatch"),
                ("\(good)0", "signature_mismatch"),
                (try stranger.sign(body: body, at: server.clock.now), "signature_mismatch"),
                (try server.platformSecret.sign(body: body + [0x20], at: server.clock.now), "signature_mismatch"),
                (
                    try server.platformSecret.sign(body: body, at: server.clock.now - .seconds(302)),
                    "timestamp_outside_tolerance"
                ),
                (
                    try server.platformSecret.sign(body: body, at: server.clock.now + .seconds(400)),
                    "timestamp_outside_tolerance"
                ),
            ]
            for (header, code) in rows {
                let answer = try await server.post(body, headers: header.map { [("Stripe-Signature", $0)] } ?? [])
                #expect(answer.summary == "400 \(code)", "\(header ?? "no header")")
            }
            #expect(try await server.storedEvents() == 0)

            // The same bytes, validly signed, are not a duplicate: nothing was stored.
            #expect(try await server.deliver(body).receipt == "accepted evt_1")
        }
    }

    @Test func `a signature is right as long as this server's clock allows`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            server.clock.stop()
            let body = Self.event.bytes
            let header = [("Stripe-Signature", try server.platformSecret.sign(body: body, at: server.clock.now))]
            for seconds in [302, 86400, -302] {
                server.clock.shift(by: .seconds(seconds))
                let answer = try await server.post(body, headers: header)
                #expect(answer.summary == "400 timestamp_outside_tolerance", "\(seconds) s")
            }
            server.clock.shift(by: .seconds(290))
            #expect(try await server.post(body, headers: header).receipt == "accepted evt_1")
            server.clock.shift(by: .seconds(-290))
            #expect(try await server.post(body, headers: header).receipt == "duplicate evt_1")
        }
    }

    // MARK: Requests that are not deliveries

    @Test(arguments: ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"])
    func `another method is 405 and says which one is right`(_ method: String) async throws {
        try await ServerFixture.with(workers: 0, sweeping: false) { server in
            let answer = try await server.outside(method, "/webhooks/stripe")
            #expect(answer.status == 405)
            #expect(answer.headers["allow"] == "POST")
            if method != "HEAD" { #expect(answer.problem == "method_not_allowed") }
            #expect(try await server.outside("POST", "/healthz").headers["allow"] == "GET, HEAD")
        }
    }

    @Test func `nothing but the webhook and the liveness is on the public listener`() async throws {
        try await ServerFixture.with { server in
            try await server.handle([Events.checkout(id: "evt_1")])
            for path in [
                "/", "/webhooks", "/webhooks/stripe/evt_1", "/webhooks/Stripe", "/readyz", "/metrics", "/admin",
                "/v1/customers/cus_1/access", "/admin/v1/events", "/admin/v1/events/evt_1",
                "/admin/v1/customers/cus_1", "/healthz/x", "/favicon.ico", "/..%2fmetrics", "/healthz/../metrics",
            ] {
                for token in [ServerFixture.gatewayToken, ServerFixture.adminToken] {
                    for method in ["GET", "POST"] {
                        let answer = try await HTTPAnswer.request(
                            method,
                            port: server.publicPort,
                            path,
                            headers: [("Authorization", "Bearer \(token)")]
                        )
                        #expect(answer.summary == "404 not_found", "\(method) \(path)")
                    }
                }
            }
            let alive = try await server.outside("GET", "/healthz")
            #expect(alive.status == 200)
            #expect(alive.text == #"{"status":"alive"}"#)
        }
    }

    @Test func `a body of 1 MiB is taken, one byte more is 413`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            let limit = 1024 * 1024
            let bare = Self.event.bytes
            let largest = bare + [UInt8](repeating: UInt8(ascii: " "), count: limit - bare.count)
            #expect(try await server.deliver(largest).receipt == "accepted evt_1")
            #expect(try await server.deliver(largest + [0x20]).summary == "413 payload_too_large")
            // Too large is refused before the signature is checked; a body without a length is counted.
            #expect(try await server.post(largest + [0x20], headers: []).summary == "413 payload_too_large")
            let signature = try server.platformSecret.sign(body: largest, at: server.clock.now)
            let chunked = try await HTTPConnection.with(port: server.publicPort) { connection in
                try await connection.send(
                    "POST /webhooks/stripe HTTP/1.1\r\nHost: test\r\nStripe-Signature: \(signature)\r\n"
                        + "Transfer-Encoding: chunked\r\n\r\n")
                let chunk = String(repeating: " ", count: 64 * 1024)
                for _ in 0..<17 { try await connection.send("10000\r\n\(chunk)\r\n") }
                return try await connection.answer()
            }
            #expect(chunked.status == 413)
            #expect(try chunked.problem.code == "payload_too_large")
            #expect(try await server.storedEvents() == 1)
        }
    }

    @Test func `a body is not waited for where its headers are no signature of now`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            let digest = String(repeating: "a0", count: 32)
            let now = server.clock.now.seconds
            let cases = [
                ("", "missing_signature"), ("Stripe-Signature: \r\n", "missing_signature"),
                ("Stripe-Signature: t=\(now)\r\n", "malformed_signature"),
                ("Stripe-Signature: v1=\(digest)\r\n", "malformed_signature"),
                ("Stripe-Signature: t=\(now),v1=a0\r\n", "signature_mismatch"),
                ("Stripe-Signature: t=\(now - 400),v1=\(digest)\r\n", "timestamp_outside_tolerance"),
                ("Stripe-Signature: t=\(now + 400),v1=\(digest)\r\n", "timestamp_outside_tolerance"),
            ]
            for (header, code) in cases {
                try await HTTPConnection.with(port: server.publicPort) { connection in
                    try await connection.send(
                        "POST /webhooks/stripe HTTP/1.1\r\nHost: x\r\n\(header)Content-Length: 1000000\r\n\r\n")
                    let answer = try await connection.answer()
                    #expect(answer.status == 400)
                    #expect(try answer.problem.code == code)
                    // The client may still send its body, and read the answer afterwards.
                    try await connection.send(String(repeating: " ", count: 1_000_000))
                    #expect(try await connection.rest() == "")
                }
            }
        }
    }

    @Test func `any Content-Encoding is 415, rightly signed or not`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            for encoding in ["gzip", "deflate", "br", "zstd", "identity", ""] {
                let answer = try await server.deliver(Self.event.bytes, headers: [("Content-Encoding", encoding)])
                #expect(answer.summary == "415 unsupported_content_encoding", "\(encoding)")
            }
            #expect(try await server.storedEvents() == 0)
        }
    }

    @Test func `a body that comes too slowly is 408`() async throws {
        var limits = ListenerLimits()
        limits.bodyTime = .milliseconds(200)
        try await ServerFixture.with(workers: 0, limits: limits) { server in
            let signature = try server.platformSecret.sign(body: Self.event.bytes, at: server.clock.now)
            let answer = try await HTTPConnection.with(port: server.publicPort) { connection in
                try await connection.send(
                    "POST /webhooks/stripe HTTP/1.1\r\nHost: test\r\nStripe-Signature: \(signature)\r\nContent-Length: 500\r\n\r\n{"
                )
                return try await connection.answer()
            }
            #expect(answer.status == 408)
            #expect(try answer.problem.code == "request_timeout")
            #expect(try await server.storedEvents() == 0)
        }
    }
}
