// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Server

/// Every route refuses unknown parameters, so that a request that was meant as a dry run is not executed.
@Suite(.serialized) struct UnknownParameterTests {
    /// Who watches the process may ask with parameters of its own, such as Prometheus' `params`.
    private static let open: Set<String> = ["/healthz", "/readyz", "/metrics", "/openapi.json"]
    /// What follows it is the client's, and is not read.
    private static let authorize = "/v1/authorize"

    /// Every route of operators and gateways, with ids that exist.
    private func requests(_ server: ServerFixture) -> [(method: String, path: String)] {
        let ids = [
            "{customer}": "cus_1", "{price}": "price_1", "{object}": "pi_1", "/events/{id}": "/events/evt_1",
            "{plan}": "default",
            "/drafts/{id}": "/drafts/rtd_00000000000000000000000000000001",
            "{id}": "rpl_1", "{hold}": "hold_1", "{debit}": "debit_1",
        ]
        return server.privatePaths.all.filter {
            !Self.open.contains($0.template) && $0.template != Self.authorize
        }.flatMap { template, methods in
            var path = template
            for (name, id) in ids.sorted(by: { $0.key.count > $1.key.count }) { path = path.replacing(name, with: id) }
            return methods.map(\.rawValue).sorted().map { ($0, path) }
        }
    }

    private func send(_ server: ServerFixture, _ method: String, _ path: String, body: String) async throws
        -> HTTPAnswer
    {
        let token = path.hasPrefix("/admin") ? ServerFixture.adminToken : ServerFixture.gatewayToken
        return try await server.inside(method, path, token: token, headers: [("Idempotency-Key", "key-1")], body: body)
    }

    private func fill(_ server: ServerFixture) async throws {
        try await server.handle([Events.checkout(id: "evt_1"), Events.checkout(id: "evt_2", credits: "lots")])
        _ = try await server.admin("PUT", "/prices/price_1", body: #"{"credits":5}"#)
        _ = try await server.admin("PUT", "/customers/cus_1/override", body: #"{"allowed":true,"reason":"r"}"#)
    }

    private func everything(_ server: ServerFixture) async throws -> [String] {
        var all = [String(decoding: try await server.access().bytes, as: UTF8.self)]
        for path in [
            "/events?limit=100", "/replays", "/prices", "/customers/cus_1", "/purchases/pi_1", "/rates",
            "/rates/drafts", "/plans",
        ] {
            all.append(try await server.admin("GET", path).text)
        }
        return all
    }

    @Test func `a parameter that no route knows is 400 on every route, and nothing is done`() async throws {
        try await ServerFixture.with { server in
            try await fill(server)
            let before = try await everything(server)
            let requests = requests(server)
            #expect(requests.count > 20)
            for (method, path) in requests {
                for query in ["dry_run=true", "dry_run", "limit=1&Limit=1", "%64ry_run=true", "x=%00"] {
                    let answer = try await send(server, method, "\(path)?\(query)", body: "")
                    #expect(answer.status == 400, "\(method) \(path)?\(query)")
                    if method != "HEAD" { #expect(answer.problem == "unknown_parameter", "\(method) \(path)?\(query)") }
                }
            }
            #expect(try await everything(server) == before)
        }
    }

    @Test func `a field that a route does not read is 400 on every route, and nothing is done`() async throws {
        try await ServerFixture.with { server in
            try await fill(server)
            let before = try await everything(server)
            for (method, path) in requests(server) where !["GET", "HEAD"].contains(method) {
                let answer = try await send(server, method, path, body: #"{"dry_run":true,"surprise":1}"#)
                #expect(answer.summary == "400 unknown_field", "\(method) \(path)")
                let text = try await send(server, method, path, body: "dry_run=true")
                #expect(text.summary == "400 invalid_json", "\(method) \(path)")
            }
            #expect(try await everything(server) == before)
        }
    }

    @Test func `an empty object asks a route for nothing that it does not do`() async throws {
        try await ServerFixture.with { server in
            try await fill(server)
            #expect(try await server.admin("POST", "/events/evt_1/replay", body: "{}").status == 202)
            #expect(try await server.admin("DELETE", "/customers/cus_1/override", body: " {} ").status == 200)
        }
    }

    @Test func `who watches over the process, and Stripe, may ask with parameters of their own`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            for path in Self.open {
                #expect(try await server.inside("GET", "\(path)?collect=up").status == 200, "\(path)")
            }
            #expect(try await server.outside("GET", "/healthz?x=1").status == 200)
            let body = Events.checkout(id: "evt_1").bytes
            let signature = try server.platformSecret.sign(body: body, at: server.clock.now)
            let answer = try await HTTPAnswer.request(
                "POST", port: server.publicPort, "/webhooks/stripe?endpoint=1",
                headers: [("Stripe-Signature", signature)],
                body: body)
            #expect(answer.receipt == "accepted evt_1")
        }
    }

    @Test func `without a token the answer is 401, whatever else is wrong`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            for (method, path) in requests(server) {
                let answer = try await server.inside(method, "\(path)?dry_run=true")
                #expect(answer.status == 401, "\(method) \(path)")
            }
        }
    }
}
