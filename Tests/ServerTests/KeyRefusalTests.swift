// SPDX-License-Identifier: Apache-2.0

import Notation
import TestSupport
import Testing

@testable import Server

/// What is refused about API keys, and that the key itself is nowhere but in the answer that makes it.
@Suite(.serialized) struct KeyRefusalTests {
    private static let sha256 = String(repeating: "ab", count: 32)
    private static let past = #""expires_at":"2020-01-01T00:00:00Z""#

    private struct Row {
        let expected: String
        let method: String
        let path: String
        var idempotencyKey: String?
        var body: String?

        init(_ expected: String, _ method: String, _ path: String, key: String? = nil, _ body: String? = nil) {
            self.expected = expected
            self.method = method
            self.path = path
            idempotencyKey = key
            self.body = body
        }
    }

    private static let longLabel = String(repeating: "x", count: 501)

    private static let rows =
        [
            Row("400 missing_idempotency_key", "POST", "/customers/cus_1/keys", "{}"),
            Row("400 invalid_idempotency_key", "POST", "/customers/cus_1/keys", key: "a b", "{}"),
            Row("400 invalid_id", "POST", "/customers/cus.1/keys", key: "k", "{}"),
            Row("400 unknown_field", "POST", "/customers/cus_1/keys", key: "k", #"{"expires":null}"#),
            Row("400 unknown_field", "POST", "/customers/cus_1/keys", key: "k", #"{"key":"tg_live_x"}"#),
            Row("400 duplicate_field", "POST", "/customers/cus_1/keys", key: "k", #"{"label":"a","label":"a"}"#),
            Row("400 invalid_field", "POST", "/customers/cus_1/keys", key: "k", #"{"label":""}"#),
            Row("400 invalid_field", "POST", "/customers/cus_1/keys", key: "k", #"{"label":"\#(longLabel)"}"#),
            Row("400 invalid_field", "POST", "/customers/cus_1/keys", key: "k", #"{"expires_at":"tomorrow"}"#),
            Row("400 unknown_parameter", "POST", "/customers/cus_1/keys?dry_run=true", key: "k", "{}"),
            Row("409 until_passed", "POST", "/customers/cus_1/keys", key: "k", "{\(past)}"),
            Row("400 missing_field", "POST", "/customers/cus_1/keys/import", "{}"),
            Row("400 invalid_field", "POST", "/customers/cus_1/keys/import", #"{"sha256":"\#(sha256.uppercased())"}"#),
            Row("400 invalid_field", "POST", "/customers/cus_1/keys/import", #"{"sha256":"\#(sha256)00"}"#),
            Row("409 until_passed", "POST", "/customers/cus_1/keys/import", #"{"sha256":"\#(sha256)",\#(past)}"#),
            Row("404 unknown_customer", "GET", "/customers/cus_1/keys"),
            Row("400 invalid_parameter", "GET", "/customers/cus_1/keys?limit=0"),
            Row("400 invalid_parameter", "GET", "/customers/cus_1/keys?limit=1001"),
            Row("404 unknown_key", "GET", "/keys/key_1"),
            Row("400 invalid_id", "GET", "/keys/key.1"),
            Row("404 unknown_key", "PATCH", "/keys/key_1", "{}"),
            Row("400 unknown_field", "PATCH", "/keys/key_1", #"{"customer":"cus_2"}"#),
            Row("400 invalid_field", "PATCH", "/keys/key_1", #"{"disabled":"yes"}"#),
            Row("404 unknown_key", "DELETE", "/keys/key_1"),
            Row("400 missing_idempotency_key", "POST", "/keys/key_1/rotate", #"{"overlap":"1h"}"#),
            Row("404 unknown_key", "POST", "/keys/key_1/rotate", key: "k", "{}"),
            Row("404 unknown_key", "POST", "/keys/key_1/rotate", key: "k", #"{"overlap":"30d"}"#),
            Row("405 method_not_allowed", "PUT", "/keys/key_1", "{}"),
            Row("405 method_not_allowed", "DELETE", "/customers/cus_1/keys"),
        ]
        + ["30.5d", "31d", "721h", "43201m", "2592001s", "-1s", "1w", "", "01h", " 1h", "9223372036854775807d"].map {
            Row("400 invalid_field", "POST", "/keys/key_1/rotate", key: "k", #"{"overlap":"\#($0)"}"#)
        }

    @Test func `a refusal says which, and leaves nothing`() async throws {
        try await ServerFixture.with { server in
            for row in Self.rows {
                let headers = row.idempotencyKey.map { [("Idempotency-Key", $0)] } ?? []
                let answer = try await server.admin(row.method, row.path, headers: headers, body: row.body)
                #expect(answer.summary == row.expected, "\(row.method) \(row.path) \(row.body ?? "")")
            }
            let left: Int = try await server.sql { connection in
                try connection.execute(
                    """
                    SELECT (SELECT count(*) FROM tollgate.account) + (SELECT count(*) FROM tollgate.api_key) AS count
                    """
                ).only["count"]
            }
            #expect(left == 0)
            // A refusal is not kept: the idempotency key may be tried again.
            #expect(try await server.createKey(idempotencyKey: "k").status == 201)
        }
    }

    @Test func `no other token than an operator's makes, shows or ends a key`() async throws {
        try await ServerFixture.with { server in
            let key = try await server.key()
            for (method, path) in [
                ("POST", "/customers/cus_1/keys"), ("POST", "/customers/cus_1/keys/import"),
                ("GET", "/customers/cus_1/keys"), ("GET", "/keys/\(key.id)"), ("PATCH", "/keys/\(key.id)"),
                ("POST", "/keys/\(key.id)/rotate"), ("DELETE", "/keys/\(key.id)"),
            ] {
                for (token, expected) in [
                    (nil, "401 unauthenticated"), (key.text, "401 unauthenticated"),
                    (ServerFixture.gatewayToken, "403 forbidden"),
                ] {
                    let answer = try await server.inside(method, "/admin/v1\(path)", token: token)
                    #expect(answer.summary == expected, "\(method) \(path)")
                }
            }
            #expect(try await server.admin("GET", "/keys/\(key.id)").status == 200)
        }
    }

    @Test func `a customer whose import is refused stays unnamed`() async throws {
        try await ServerFixture.with { server in
            let body = #"{"sha256":"\#(Self.sha256)"}"#
            #expect(try await server.admin("POST", "/customers/cus_1/keys/import", body: body).status == 201)
            let refused = try await server.admin("POST", "/customers/cus_2/keys/import", body: body)
            #expect(refused.summary == "409 key_exists")
            #expect(try await server.admin("GET", "/customers/cus_2").summary == "404 unknown_customer")
        }
    }

    @Test func `a label may have 500 characters, and null takes it away`() async throws {
        try await ServerFixture.with { server in
            let label = String(repeating: "é", count: 500)
            let made = try await server.createKey(#"{"label":"\#(label)"}"#, idempotencyKey: "k1")
            #expect(made.status == 201)
            let id = try made.json["id"]?.string ?? ""
            func change(_ body: String) async throws -> JSON {
                try await server.admin("PATCH", "/keys/\(id)", body: body).json
            }
            #expect(try await change(#"{"disabled":true}"#)["label"]?.string == label)
            #expect(try await change(#"{"label":null}"#)["label"] == nil)
            #expect(try await change(#"{"disabled":false}"#)["label"] == nil)
        }
    }

    @Test func `a customer who is named by a key has that in the timeline, once`() async throws {
        try await ServerFixture.with { server in
            for number in 1...2 { _ = try await server.key(idempotencyKey: "k\(number)") }
            let timeline = try await server.admin("GET", "/customers/cus_1").json.at("timeline")?.array ?? []
            #expect(timeline.count == 1)
            #expect(timeline.first?["reason"] == "no_subscription" && timeline.first?["allowed"] == false)
            let cause = timeline.first?["cause"]
            #expect(cause?["kind"] == "operator" && cause?["operator"] == "night-shift")
            #expect(cause?["note"]?.string?.isEmpty == false)
        }
    }

    /// Its answer is the only place: not the database, the log, the metrics, nor any answer to whoever asks with it.
    @Test func `the key itself is nowhere else`() async throws {
        let log = LogRecord()
        try await ServerFixture.with(log: log) { server in
            let first = try await server.key(idempotencyKey: "k1")
            func rotate() async throws -> HTTPAnswer {
                try await server.admin(
                    "POST", "/keys/\(first.id)/rotate", headers: [("Idempotency-Key", "r1")],
                    body: #"{"overlap":"1h"}"#)
            }
            let second = try #require(try await rotate().json["key"]?.string)
            let keys = [first.text, second]
            var shown: [String] = []
            for key in keys {
                #expect(try await server.authorize(key).status == 403)
                shown.append(try await server.authorize(key).text)
                // By mistake: where an id or something else belongs.
                for (method, path, body) in [
                    ("GET", "/keys/\(key)", nil), ("DELETE", "/keys/\(key)", nil),
                    ("GET", "/customers/\(key)/keys", nil),
                    ("POST", "/customers/cus_1/keys/import", #"{"sha256":"\#(key)"}"#),
                    ("PATCH", "/keys/\(first.id)", #"{"disabled":"\#(key)"}"#),
                ] as [(String, String, String?)] {
                    let answer = try await server.admin(method, path, body: body)
                    #expect((400..<500).contains(answer.status))
                    shown.append(answer.text)
                }
                shown.append(try await server.inside("GET", "/admin/v1/prices", token: key).text)
            }
            shown.append(try await server.createKey(idempotencyKey: "k1").text)
            shown.append(try await rotate().text)
            for path in ["/keys/\(first.id)", "/customers/cus_1/keys", "/customers/cus_1"] {
                shown.append(try await server.admin("GET", path).text)
            }
            shown.append(try await server.inside("GET", "/metrics").text)
            let dump: String = try await server.sql { connection in
                try connection.execute("SELECT schema_to_xml('tollgate', true, false, '')::text AS dump").only["dump"]
            }
            #expect(dump.contains(first.id))
            for key in keys {
                // In one piece, or without what every key begins with.
                for text in [key, String(key.dropFirst("tg_live_".count))] {
                    #expect(!dump.contains(text))
                    #expect(!log.everything.contains(text))
                    #expect(shown.allSatisfy { !$0.contains(text) })
                }
            }
        }
    }
}
