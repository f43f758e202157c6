// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import Stripe
import Telemetry
import TestSupport
import Testing
import Timing

@testable import Server

/// What operators can see of a webhook: which secret signed it, why it was refused, or why it is ignored.
@Suite(.serialized) struct WebhookTraceTests {
    private func metric(_ server: ServerFixture, _ line: String) async throws -> Bool {
        try await server.inside("GET", "/metrics").text.split(separator: "\n").contains(Substring(line))
    }

    // MARK: The secret

    @Test func `an event says which secret signed it, lists are filtered by it, and a metric counts it`() async throws {
        try await ServerFixture.with { server in
            #expect(try await metric(server, #"tollgate_signatures_verified_total{secret="connect"} 0"#))
            #expect(try await server.deliver(Events.checkout(id: "evt_1").bytes).status == 200)
            let second = Events.event("customer.created", id: "evt_2", object: [:]).bytes
            #expect(try await server.deliver(second, secret: server.connectSecret).status == 200)
            #expect(try await server.deliver(Array("no event".utf8), secret: server.connectSecret).status == 200)
            #expect(try await server.deliver(second).receipt == "duplicate evt_2")

            #expect(try await server.ended("evt_1")["secret"] == "platform")
            #expect(try await server.ended("evt_2")["secret"] == "connect")
            let page = try await server.admin("GET", "/events?secret=connect").json["data"]?.array ?? []
            #expect(page.count == 2)
            #expect(page.allSatisfy { $0["secret"] == "connect" })
            #expect(try await server.admin("GET", "/events?secret=old").json["data"] == [])
            #expect(try await server.admin("GET", "/events?secret=%00").summary == "400 invalid_parameter")
            #expect(try await metric(server, #"tollgate_signatures_verified_total{secret="platform"} 2"#))
            #expect(try await metric(server, #"tollgate_signatures_verified_total{secret="connect"} 2"#))
        }
    }

    @Test func `a secret without a label is shown by its place, and never by its value`() throws {
        let values = ["whsec_first0123456789abcdefghijklmnopq", "whsec_second0123456789abcdefghijklmno"]
        let secrets = try [
            WebhookSecret(value: values[0]), WebhookSecret(label: "new", value: values[1]),
            WebhookSecret(value: "whsec_third0123456789abcdefghijklmnopq"),
        ]
        let verifier = try SignatureVerifier(secrets: secrets)
        #expect(verifier.names == ["#1", "new", "#3"])
        let header = try secrets[2].sign(body: [1], at: Events.midnight)
        let signer = try verifier.verify(header: header, body: [1], at: Events.midnight)
        #expect(verifier.name(of: signer) == "#3")
        #expect(try verifier.name(of: WebhookSecret(value: "whsec_other0123456789abcdefghijklmnopq")) == "unknown")
    }

    // MARK: Refusals

    @Test
    func `each reason of a refusal is one line a minute, with address, clock and hint, and without the signature`()
        async throws
    {
        let log = LogRecord()
        try await ServerFixture.with(workers: 0, log: log) { server in
            server.clock.stop()
            let body = Events.checkout(id: "evt_1").bytes
            let stranger = try WebhookSecret(value: "whsec_stranger0123456789abcdefghijklmn")
            let late = try server.platformSecret.sign(body: body, at: server.clock.now - .seconds(1200))
            let forged = try stranger.sign(body: body, at: server.clock.now - .seconds(30))
            for _ in 0..<3 {
                #expect(try await server.post(body, headers: [("Stripe-Signature", late)]).status == 400)
                #expect(try await server.post(body, headers: [("Stripe-Signature", forged)]).status == 400)
                #expect(try await server.post(body, headers: [("Stripe-Signature", "t=1")]).status == 400)
                #expect(try await server.post(body, headers: []).status == 400)
            }
            func lines(_ reason: String) -> [String] { log.texts(.warning).filter { $0.contains(reason) } }
            for reason in [
                "timestamp_outside_tolerance", "signature_mismatch", "malformed_signature", "missing_signature",
            ] {
                #expect(lines(reason).count == 1, "\(reason)")
                #expect(lines(reason).first?.contains("127.0.0.1, or through a proxy there") == true, "\(reason)")
            }
            #expect(lines("timestamp_outside_tolerance").first?.contains("s behind this server's clock") == true)
            #expect(lines("timestamp_outside_tolerance").first?.contains("Check the clock") == true)
            #expect(lines("signature_mismatch").first?.contains("30 s behind this server's clock") == true)
            #expect(lines("signature_mismatch").first?.contains("Check that the secret is this endpoint's") == true)

            server.clock.shift(by: .seconds(61))
            #expect(try await server.post(body, headers: []).status == 400)
            #expect(lines("missing_signature").count == 2)
            #expect(lines("missing_signature").last?.contains("\"like_it_since_the_last_line\": 2") == true)
            for secret in [late, forged].compactMap({ $0.split(separator: "=").last }) {
                #expect(!log.everything.contains(secret))
            }
        }
    }

    @Test func `a limit lets one through in each interval, also after the clock was set back`() {
        var limit = RateLimit(one: .seconds(60))
        let start = Events.midnight
        let times: [(after: Int64, admitted: Int?)] = [
            (0, 0), (1, nil), (59, nil), (60, 2), (61, nil), (119, nil), (300, 2), (10, 0), (11, nil), (70, 1),
        ]
        for (after, admitted) in times {
            #expect(limit.admit(at: start + .seconds(after)) == admitted, "\(after)")
        }
    }

    // MARK: Ignored events

    @Test func `events of the other mode and of accounts that are not listed are counted by reason and said once`()
        async throws
    {
        let log = LogRecord()
        try await ServerFixture.with(policy: Policy(livemode: true), log: log) { server in
            #expect(try await metric(server, #"tollgate_events_ignored_total{reason="wrong_mode"} 0"#))
            for number in 1...3 {
                try await server.handle([
                    Events.event("invoice.paid", id: "evt_t\(number)", livemode: false, object: [:]),
                    Events.event("invoice.paid", id: "evt_a\(number)", account: "acct_1", object: [:]),
                ])
            }
            #expect(try await metric(server, #"tollgate_events_ignored_total{reason="wrong_mode"} 3"#))
            #expect(try await metric(server, #"tollgate_events_ignored_total{reason="foreign_account"} 3"#))
            #expect(
                try await metric(server, #"tollgate_events_processed_total{outcome="ignored",type="invoice.paid"} 6"#))
            let mode = "STRIPE_MODE=live, but test events arrive: they are stored and ignored"
            let account = "events arrive of accounts that STRIPE_ACCOUNTS does not list"
            #expect(log.texts(.warning).count { $0.contains(mode) } == 1)
            #expect(log.texts(.warning).count { $0.contains(account) } == 1)
            server.clock.shift(by: .seconds(61))
            try await server.handle([Events.event("invoice.paid", id: "evt_t4", livemode: false, object: [:])])
            let last = try #require(log.texts(.warning).last { $0.contains(mode) })
            #expect(last.contains("\"so_far\": 4"))
        }
    }

    @Test func `a thousand types make no more series than one`() async throws {
        try await ServerFixture.with(workers: 2) { server in
            let before = try await server.inside("GET", "/metrics").text.split(separator: "\n").count
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<1_000 {
                    group.addTask {
                        let type = number % 2 == 0 ? "made.up.\(number)" : "charge.dispute.\(number)"
                        try await server.deliver(Events.event(type, id: "evt_\(number)", object: [:]))
                    }
                }
                try await group.waitForAll()
            }
            try await eventually("the end of all") {
                try await server.admin("GET", "/events?status=pending&limit=1").json["data"] == [] ? true : nil
            }
            let lines = try await server.inside("GET", "/metrics").text.split(separator: "\n").map(String.init)
            // The only new series measure this test's requests.
            #expect(lines.count { !$0.contains("http_request_duration") } <= before)
            #expect(lines.contains(#"tollgate_events_processed_total{outcome="ignored",type="other"} 500"#))
        }
    }
}
