// SPDX-License-Identifier: Apache-2.0

import Hashing
import Notation
import TestSupport
import Testing

@testable import Server

/// API keys as operators make and end them.
@Suite(.serialized) struct KeyTests {
    private static let sha256 = String(repeating: "0f", count: 32)

    @Test func `a key is shown once, and only its SHA-256 is stored`() async throws {
        let log = LogRecord()
        try await ServerFixture.with(log: log) { server in
            let answer = try await server.createKey(#"{"label":"production","expires_at":null}"#, idempotencyKey: "k1")
            #expect(answer.status == 201)
            let json = try answer.json
            let key = try #require(json["key"]?.string)
            #expect(json["customer"] == "cus_1" && json["label"] == "production" && json["disabled"] == false)
            #expect(json["last4"]?.string == String(key.suffix(4)))
            let members = Set(json.object?.keys.map(\.self) ?? [])
            #expect(
                members == [
                    "id", "customer", "key", "label", "last4", "created_at", "expires_at", "disabled", "last_used_at",
                ])
            // A customer whom nobody has named is named by it.
            #expect(try await server.access()["reason"] == "no_subscription")

            let again = try await server.createKey(#"{"label":"production"}"#, idempotencyKey: "k1")
            #expect(again.status == 200)
            #expect(try again.json["key"] == nil && again.json["id"] == json["id"])
            let id = json["id"]?.string ?? ""
            #expect(try await server.admin("GET", "/keys/\(id)").json == again.json)

            let stored = try await server.sql { connection in
                try connection.execute(
                    "SELECT k::text AS line, encode(k.sha256, 'hex') AS hash FROM tollgate.api_key k"
                )
                .map { (try $0["line"] as String, try $0["hash"] as String) }
            }
            #expect(stored.count == 1)
            #expect(stored.first?.1 == SHA256Digest(of: Array(key.utf8).span)?.hex)
            #expect(stored.first?.0.contains(key) == false)
        }
        #expect(!log.everything.contains("tg_"))
    }

    @Test func `an idempotency key stands for one request`() async throws {
        try await ServerFixture.with { server in
            #expect(try await server.createKey(#"{"label":"a"}"#, idempotencyKey: "k1").status == 201)
            for (customer, body) in [
                ("cus_1", #"{"label":"b"}"#), ("cus_2", #"{"label":"a"}"#),
                ("cus_1", #"{"label":"a","expires_at":"2099-01-01T00:00:00Z"}"#),
            ] {
                let answer = try await server.createKey(of: customer, body, idempotencyKey: "k1")
                #expect(answer.summary == "409 conflict", "\(customer) \(body)")
            }
            let missing = try await server.admin("POST", "/customers/cus_1/keys", body: "{}")
            #expect(missing.summary == "400 missing_idempotency_key")
            let answers = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<20 {
                    group.addTask { try await server.createKey(of: "cus_3", idempotencyKey: "k2").status }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.count { $0 == 201 } == 1 && answers.count { $0 == 200 } == 19, "\(answers)")
        }
    }

    @Test func `a key is listed, changed, rotated and deleted`() async throws {
        try await ServerFixture.with { server in
            let first = try await server.key(idempotencyKey: "k1")
            let second = try await server.key(idempotencyKey: "k2")
            let list = try await server.admin("GET", "/customers/cus_1/keys").json
            #expect(list.at("data")?.array?.compactMap { $0["id"]?.string } == [second.id, first.id])
            let page = try await server.admin("GET", "/customers/cus_1/keys?limit=1").json
            #expect(page["has_more"] == true)
            let next = try await server.admin("GET", "/customers/cus_1/keys?limit=1&starting_after=\(second.id)").json
            #expect(next["has_more"] == false && next.at("data")?.array?.first?["id"]?.string == first.id)
            #expect(try await server.admin("GET", "/customers/cus_9/keys").summary == "404 unknown_customer")
            #expect(
                try await server.admin("GET", "/customers/cus_1/keys?starting_after=x").summary == "404 unknown_key")

            func change(_ body: String) async throws -> JSON {
                try await server.admin("PATCH", "/keys/\(first.id)", body: body).json
            }
            #expect(try await change(#"{"label":"new","disabled":true}"#)["disabled"] == true)
            #expect(try await change(#"{"expires_at":"2099-01-01T00:00:00Z"}"#)["label"] == "new")
            #expect(try await change("{}")["expires_at"] == "2099-01-01T00:00:00Z")
            #expect(try await change(#"{"expires_at":null}"#)["expires_at"] == nil)

            func rotate(_ id: String, _ key: String, _ overlap: String = "24h") async throws -> HTTPAnswer {
                try await server.admin(
                    "POST", "/keys/\(id)/rotate", headers: [("Idempotency-Key", key)],
                    body: #"{"overlap":"\#(overlap)"}"#)
            }
            #expect(try await rotate(first.id, "r1").summary == "409 key_not_active")
            let rotated = try await rotate(second.id, "r2", "0s")
            #expect(rotated.status == 201)
            #expect(try await rotate(second.id, "r2", "0s").status == 200)
            #expect(try await rotate(second.id, "r2", "1h").summary == "409 conflict")
            #expect(try await rotate(second.id, "r3").summary == "409 key_not_active")
            #expect(try await rotate(second.id, "r4", "31d").summary == "400 invalid_field")
            #expect(try await rotate("key_x", "r5").summary == "404 unknown_key")

            let path = "/keys/\(second.id)"
            let deleted = try await server.admin("DELETE", path)
            #expect(deleted.status == 204 && deleted.body.isEmpty)
            for (method, body) in [("DELETE", nil), ("GET", nil), ("PATCH", "{}")] {
                #expect(try await server.admin(method, path, body: body).summary == "404 unknown_key", "\(method)")
            }
        }
    }

    @Test func `a key that was made elsewhere is taken over by its SHA-256`() async throws {
        try await ServerFixture.with { server in
            func importKey(_ body: String, of customer: String = "cus_1") async throws -> HTTPAnswer {
                try await server.admin("POST", "/customers/\(customer)/keys/import", body: body)
            }
            let body = #"{"sha256":"\#(Self.sha256)","label":"old"}"#
            let first = try await importKey(body)
            #expect(first.status == 201)
            #expect(try first.json["key"] == nil && first.json["last4"] == nil)
            let again = try await importKey(body)
            #expect(again.status == 200)
            #expect(try again.json == first.json)
            #expect(try await importKey(body, of: "cus_2").summary == "409 key_exists")
            #expect(
                try await importKey(#"{"sha256":"\#(Self.sha256)","label":"x"}"#).summary == "409 key_exists")
            let other = #"{"sha256":"\#(Self.sha256)","label":"old","expires_at":"2099-01-01T00:00:00Z"}"#
            #expect(try await importKey(other).summary == "409 key_exists")
            #expect(try await importKey(#"{"sha256":"0F"}"#).summary == "400 invalid_field")
            let id = try first.json["id"]?.string ?? ""
            let rotated = try await server.admin(
                "POST", "/keys/\(id)/rotate", headers: [("Idempotency-Key", "r")], body: #"{"overlap":"1h"}"#)
            #expect(rotated.summary == "409 key_not_active")
            #expect(try await server.admin("DELETE", "/keys/\(id)").status == 204)
            #expect(try await importKey(body).summary == "409 key_exists")
        }
    }
}
