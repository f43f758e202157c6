// SPDX-License-Identifier: Apache-2.0

import Billing
import Hashing
import Notation
import Store
import TestSupport
import Testing

@testable import Server

/// What a gateway's auth subrequest is answered.
@Suite(.serialized) struct AuthorizeTests {
    private static let names = ["customer", "key", "reason", "until", "credits", "version", "stale"]

    private static func headers(_ answer: HTTPAnswer) -> [String?] {
        names.map { answer.headers["tollgate-\($0)"] }
    }

    @Test func `an allowed key is 200 with all headers, by any method, at any path below`() async throws {
        try await ServerFixture.with { server in
            let key = try await server.key()
            try await server.handle([Events.checkout(id: "evt_1")])
            for (method, path) in [
                ("GET", "/v1/authorize"), ("POST", "/v1/authorize/"), ("HEAD", "/v1/authorize/a/b"),
                ("DELETE", "/v1/authorize?customer=cus_2"), ("PURGE", "/v1/authorize/%2F/..//x?key=\(key.text)"),
                ("OPTIONS", "/v1/authorize/\(String(repeating: "x", count: 4000))"),
            ] {
                let answer = try await server.authorize(key.text, method: method, path: path)
                #expect(answer.status == 200, "\(method) \(path)")
                #expect(answer.body.isEmpty)
                #expect(Self.headers(answer) == ["cus_1", key.id, "credits", "", "500", "2", ""], "\(method) \(path)")
                #expect(answer.headers["cache-control"] == "no-store")
            }
            #expect(try await server.inside("GET", "/v1/authorized", token: key.text).status == 404)
        }
    }

    @Test func `a denied customer is 403 with the reason, and all headers`() async throws {
        try await ServerFixture.with { server in
            let key = try await server.key()
            let answer = try await server.authorize(key.text)
            #expect(answer.summary == "403 no_subscription")
            #expect(Self.headers(answer) == ["cus_1", key.id, "no_subscription", "", "0", "1", ""])
            // Once paid, it may call.
            try await server.handle([Events.checkout(id: "evt_1")])
            #expect(try await server.authorize(key.text).status == 200)
        }
    }

    @Test func `whatever is wrong with a key, the answer is the same 401`() async throws {
        try await ServerFixture.with { server in
            let key = try await server.key()
            try await server.handle([Events.checkout(id: "evt_1")])
            func made(_ name: String) async throws -> (text: String, id: String) {
                try await server.key(idempotencyKey: name)
            }
            let (disabled, expired, deleted) = (try await made("a"), try await made("b"), try await made("c"))
            for good in [disabled, expired, deleted] { #expect(try await server.authorize(good.text).status == 200) }
            _ = try await server.admin("PATCH", "/keys/\(disabled.id)", body: #"{"disabled":true}"#)
            _ = try await server.admin(
                "PATCH", "/keys/\(expired.id)", body: #"{"expires_at":"2020-01-01T00:00:00Z"}"#)
            _ = try await server.admin("DELETE", "/keys/\(deleted.id)")
            try await server.sql { connection in
                _ = try connection.execute(
                    """
                    INSERT INTO tollgate.api_key (id, customer_id, sha256, livemode, created_by)
                    VALUES ('key_other', 'cus_1', sha256('other-mode-0123456789'), false, 'x')
                    """)
            }
            let unknown = "tg_live_" + String(repeating: "A", count: 38)
            var answers: [HTTPAnswer] = []
            for text in [
                nil, unknown, "imported-and-unknown-key", disabled.text, expired.text, deleted.text,
                "other-mode-0123456789",
            ] {
                answers.append(try await server.authorize(text))
            }
            answers.append(try await server.authorize(key.text, [("X-Api-Key", disabled.text)]))
            answers.append(try await server.authorize(key.text, [("Authorization", "Bearer \(key.text)")]))
            answers.append(try await server.authorize(nil, [("Authorization", "Basic \(key.text)")]))
            for answer in answers {
                #expect(answer.summary == "401 invalid_key")
                #expect(answer.headers["www-authenticate"] == "Bearer")
                #expect(answer.body == answers[0].body)
                #expect(answer.headers["tollgate-customer"] == nil)
            }
            // The same in both headers is one key.
            #expect(try await server.authorize(key.text, [("X-Api-Key", key.text)]).status == 200)
            #expect(try await server.authorize(nil, [("X-Api-Key", key.text)]).status == 200)
            _ = try await server.admin("PATCH", "/keys/\(disabled.id)", body: #"{"disabled":false}"#)
            #expect(try await server.authorize(disabled.text).status == 200)
        }
    }

    @Test func `a gateway without its token is 503, and the log says so once`() async throws {
        let log = LogRecord()
        try await ServerFixture.with(log: log) { server in
            let key = try await server.key()
            try await server.handle([Events.checkout(id: "evt_1")])
            for (token, headers) in [
                (nil, []), ("wrong", []), (ServerFixture.adminToken, []),
                (ServerFixture.gatewayToken, [("Tollgate-Gateway-Token", ServerFixture.gatewayToken)]),
            ] as [(String?, [(String, String)])] {
                let answer = try await server.authorize(key.text, headers, token: token)
                #expect(answer.summary == "503 gateway_unauthorized", "\(token ?? "none")")
                #expect(answer.headers["retry-after"] != nil)
            }
            // Its token in Authorization, the client's key beside it.
            let beside = [("X-Api-Key", key.text)]
            #expect(try await server.authorize(ServerFixture.gatewayToken, beside, token: nil).status == 200)
            #expect(
                try await server.authorize("wrong", beside, token: nil).summary == "503 gateway_unauthorized")
        }
        #expect(log.everything.ranges(of: "a gateway asks without a known token").count == 1)
        #expect(!log.everything.contains("tg_live_") && !log.everything.contains(ServerFixture.gatewayToken))
    }

    @Test func `an open authorize asks for no token`() async throws {
        try await ServerFixture.with(isAuthorizeOpen: true) { server in
            let key = try await server.key()
            try await server.handle([Events.checkout(id: "evt_1")])
            #expect(try await server.authorize(key.text, token: nil).status == 200)
            #expect(try await server.authorize(nil, [("X-Api-Key", key.text)], token: nil).status == 200)
            let both = [("X-Api-Key", key.text)]
            #expect(try await server.authorize(ServerFixture.gatewayToken, both, token: nil).status == 200)
            #expect(try await server.authorize("tg_live_x", both, token: nil).summary == "401 invalid_key")
        }
    }

    @Test func `a minimum of credits is asked of the database`() async throws {
        try await ServerFixture.with { server in
            let key = try await server.key()
            try await server.handle([Events.checkout(id: "evt_1")])
            func ask(_ values: String...) async throws -> HTTPAnswer {
                try await server.authorize(key.text, values.map { ("Tollgate-Minimum-Credits", $0) })
            }
            for (minimum, summary) in [
                ("0", "200"), ("500", "200"), ("501", "403 insufficient_credits"),
                ("1000000000000000", "403 insufficient_credits"), ("1000000000000001", "400 invalid_parameter"),
                ("-1", "400 invalid_parameter"), ("1.5", "400 invalid_parameter"), ("", "400 invalid_parameter"),
                ("+1", "400 invalid_parameter"), ("99999999999999999999", "400 invalid_parameter"),
            ] {
                #expect(try await ask(minimum).summary == summary, "\(minimum)")
            }
            #expect(try await ask("1", "1").summary == "400 invalid_parameter")
            #expect(Self.headers(try await ask("501")) == ["cus_1", key.id, "credits", "", "500", "2", ""])
        }
    }

    @Test func `a key that is ended by one process is refused by another within a second`() async throws {
        try await TestDatabase.with { database in
            try await ServerFixture.with(source: database.source, workers: 1) { one in
                try await ServerFixture.with(source: database.source) { other in
                    let key = try await one.key()
                    try await one.handle([Events.checkout(id: "evt_1")])
                    try await eventually("the other one lets it pass") {
                        try await other.authorize(key.text).status == 200 ? true : nil
                    }
                    #expect(try await one.admin("DELETE", "/keys/\(key.id)").status == 204)
                    #expect(try await one.authorize(key.text).summary == "401 invalid_key")
                    try await eventually("the other one refuses it") {
                        try await other.authorize(key.text).status == 401 ? true : nil
                    }
                }
            }
        }
    }

    @Test func `when a key was used last is noted, a minute late at most`() async throws {
        try await ServerFixture.with { server in
            let key = try await server.key()
            _ = try await server.authorize(key.text)
            try await eventually("its use is noted") {
                let shown = try await server.admin("GET", "/keys/\(key.id)").json
                return shown["last_used_at"] == nil ? nil : true
            }
        }
    }
}
