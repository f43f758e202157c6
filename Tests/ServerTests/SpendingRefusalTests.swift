// SPDX-License-Identifier: Apache-2.0

import Notation
import TestSupport
import Testing

@testable import Server

/// Whatever is wrong with a request to spend, the answer says what, and nothing has changed.
@Suite(.serialized) struct SpendingRefusalTests {
    private static let long = String(repeating: "x", count: 256)

    /// What is no amount of credits.
    private static let badAmounts = [
        "0", "-1", "1.5", "1000000000000001", "9223372036854775808", "1e30", "\"5\"", "null", "true", "[5]", "{}",
        "\"\"",
    ]

    private static let badMetadata = [
        "5", "[]", "\"x\"", #"{"a":1}"#, #"{"a":null}"#, #"{"a":["b"]}"#, #"{"":"b"}"#, #"{"a":"\u0000"}"#,
        #"{"a\u0000":"b"}"#, "{\"\(String(repeating: "n", count: 41))\":\"b\"}",
        "{\"a\":\"\(String(repeating: "v", count: 501))\"}",
        "{\((0...50).map { "\"k\($0)\":\"v\"" }.joined(separator: ","))}",
    ]

    /// What is held, spent and written in the ledger.
    private func everything(_ server: ServerFixture) async throws -> [String] {
        var all: [String] = []
        for path in ["cus_1/balance", "cus_1/holds", "cus_2/balance", "cus_2/holds"] {
            all.append(try await server.gateway("GET", "/v1/customers/\(path)").text)
        }
        all.append(try await server.admin("GET", "/customers/cus_1/ledger").text)
        return all
    }

    /// A customer with 100 credits of which a hold `open` keeps 10, and one who is blocked.
    private func fill(_ server: ServerFixture) async throws {
        try await server.grant(100)
        try await server.grant(50, to: "cus_2", key: "second")
        _ = try await server.admin("PUT", "/customers/cus_2/override", body: #"{"allowed":false,"reason":"a test"}"#)
        #expect(try await server.hold("open", #"{"amount":10}"#).status == 201)
    }

    private func expect(
        _ server: ServerFixture,
        _ method: String,
        _ path: String,
        _ cases: [(body: String, summary: String)]
    ) async throws {
        for (body, summary) in cases {
            let answer = try await server.gateway(method, "/v1/\(path)", body: body)
            #expect(answer.summary == summary, "\(method) \(path) \(body.prefix(200)): \(answer.text.prefix(300))")
        }
    }

    @Test func `a request that is malformed is 400 and says which field, and nothing has changed`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            try await fill(server)
            let before = try await everything(server)
            let bodies: [(String, String)] = [
                ("", "400 invalid_json"), ("amount=5", "400 invalid_json"), ("[]", "400 invalid_json"),
                ("5", "400 invalid_json"), ("{}", "400 missing_field"),
                (#"{"amount":5,"amount":5}"#, "400 duplicate_field"),
                (#"{"amount":5,"Amount":5}"#, "400 unknown_field"),
                (#"{"amount":5,"dry_run":true}"#, "400 unknown_field"),
            ]
            let amounts = Self.badAmounts.map { ("{\"amount\":\($0)}", "400 invalid_field") }
            let metadata = Self.badMetadata.map { ("{\"amount\":5,\"metadata\":\($0)}", "400 invalid_field") }
            // Of a hold it may be left out.
            let ofHolds = amounts.map { body, _ in
                (body, body == #"{"amount":null}"# ? "400 missing_field" : "400 invalid_field")
            }
            try await expect(server, "PUT", "customers/cus_1/holds/h1", bodies + ofHolds + metadata)
            try await expect(server, "PUT", "customers/cus_1/debits/d1", bodies + amounts + metadata)
            try await expect(
                server, "PUT", "customers/cus_1/debits/d1",
                [
                    (#"{"amount":5,"allow_negative":"true"}"#, "400 invalid_field"),
                    (#"{"amount":5,"allow_negative":1}"#, "400 invalid_field"),
                    (#"{"amount":5,"ttl":"1m"}"#, "400 unknown_field"),
                ])
            // 0 is an amount here.
            let settlements = amounts.filter { $0.0 != #"{"amount":0}"# }
            try await expect(server, "POST", "customers/cus_1/holds/open/settle", bodies + settlements)
            try await expect(
                server, "POST", "customers/cus_1/holds/open/release",
                [(#"{"amount":5}"#, "400 unknown_field"), ("[]", "400 invalid_json"), ("x", "400 invalid_json")])
            try await expect(
                server, "POST", "debits",
                [
                    ("", "400 invalid_json"), ("{}", "400 missing_field"), ("[]", "400 invalid_json"),
                    (#"{"debits":{}}"#, "400 invalid_field"), (#"{"debits":null}"#, "400 invalid_field"),
                    (#"{"debits":[],"more":1}"#, "400 unknown_field"),
                    (#"{"debits":[{"customer":"cus_1","customer":"cus_1"}]}"#, "400 duplicate_field"),
                ])
            #expect(try await everything(server) == before)
        }
    }

    @Test func `a hold's time and terms are within their limits`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            try await fill(server)
            let before = try await everything(server)
            let times = ["0s", "86401s", "1441m", "25h", "2d", "365d", "-1s", "1.5s", "10", "1 m", "01m", "1w", ""]
            let lengths = times.map { "\"\($0)\"" } + ["600", "[]"]
            try await expect(
                server, "PUT", "customers/cus_1/holds/h1",
                lengths.map { ("{\"amount\":5,\"ttl\":\($0)}", "400 invalid_field") }
                    + Self.badAmounts.filter { $0 != "null" }.map {
                        ("{\"amount\":5,\"minimum\":\($0)}", "400 invalid_field")
                    } + [
                        (#"{"amount":5,"minimum":6}"#, "400 invalid_field"),
                        (#"{"amount":5,"on_expiry":"keep"}"#, "400 invalid_field"),
                        (#"{"amount":5,"on_expiry":""}"#, "400 invalid_field"),
                        (#"{"amount":5,"allow_negative":true}"#, "400 unknown_field"),
                    ])
            try await expect(
                server, "POST", "customers/cus_1/holds/open/extend",
                lengths.map { ("{\"ttl\":\($0)}", "400 invalid_field") } + [
                    (#"{"ttl":null}"#, "400 invalid_field"), ("{}", "400 missing_field"),
                    (#"{"ttl":"1m","amount":1}"#, "400 unknown_field"),
                ])
            #expect(try await everything(server) == before)
        }
    }

    @Test func `an id that is too long or holds foreign characters is 400`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            try await fill(server)
            let before = try await everything(server)
            for id in [Self.long, "a.b", "a%20b", "a%2Fb", "%C3%A4", "a%00", "%F0%9F%98%80", "a:b"] {
                for (method, path, body) in [
                    ("PUT", "cus_1/holds/\(id)", #"{"amount":5}"#), ("GET", "cus_1/holds/\(id)", ""),
                    ("POST", "cus_1/holds/\(id)/settle", #"{"amount":5}"#), ("POST", "cus_1/holds/\(id)/release", ""),
                    ("POST", "cus_1/holds/\(id)/extend", #"{"ttl":"1m"}"#),
                    ("PUT", "cus_1/debits/\(id)", #"{"amount":5}"#), ("PUT", "\(id)/debits/d1", #"{"amount":5}"#),
                    ("PUT", "\(id)/holds/h1", #"{"amount":5}"#), ("GET", "\(id)/balance", ""),
                    ("GET", "\(id)/holds", ""),
                ] {
                    let answer = try await server.gateway(
                        method, "/v1/customers/\(path)", body: method == "GET" ? nil : body)
                    #expect(answer.summary == "400 invalid_id", "\(method) \(path)")
                }
            }
            for query in [
                "limit=0", "limit=1001", "limit=x", "status=gone", "status=OPEN", "starting_after=a.b",
                "limit=1&limit=2",
            ] {
                let answer = try await server.gateway("GET", "/v1/customers/cus_1/holds?\(query)")
                #expect(answer.summary == "400 invalid_parameter", "\(query)")
            }
            for path in [
                "cus_1/balance?at=now", "cus_1/balance?min_version=1", "cus_1/holds?state=open", "cus_1/holds/open?x=1",
            ] {
                let answer = try await server.gateway("GET", "/v1/customers/\(path)")
                #expect(answer.summary == "400 unknown_parameter", "\(path)")
            }
            #expect(try await everything(server) == before)
        }
    }

    @Test func `who is unknown or blocked spends nothing`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            try await fill(server)
            let before = try await everything(server)
            let amount = #"{"amount":5}"#
            try await expect(
                server, "PUT", "customers/cus_9/holds/h1", [(amount, "404 unknown_customer")])
            try await expect(server, "PUT", "customers/cus_9/debits/d1", [(amount, "404 unknown_customer")])
            for path in ["cus_9/balance", "cus_9/holds", "cus_9/holds/h1"] {
                let answer = try await server.gateway("GET", "/v1/customers/\(path)")
                #expect(answer.summary == "404 unknown_customer", "\(path)")
            }
            let paths = [("settle", amount), ("release", ""), ("extend", #"{"ttl":"1m"}"#)]
            for (act, body) in paths {
                try await expect(server, "POST", "customers/cus_1/holds/h9/\(act)", [(body, "404 unknown_hold")])
                let unknown = try await server.gateway("POST", "/v1/customers/cus_9/holds/h9/\(act)", body: body)
                #expect(["404 unknown_customer", "404 unknown_hold"].contains(unknown.summary), "\(act)")
            }
            #expect(try await server.gateway("GET", "/v1/customers/cus_1/holds/h9").summary == "404 unknown_hold")
            // Another customer's hold is none of this one's.
            try await expect(server, "POST", "customers/cus_2/holds/open/settle", [(amount, "404 unknown_hold")])
            try await expect(server, "PUT", "customers/cus_2/holds/h1", [(amount, "403 override_deny")])
            try await expect(server, "PUT", "customers/cus_2/debits/d1", [(amount, "403 override_deny")])
            try await expect(
                server, "PUT", "customers/cus_1/holds/h1", [(#"{"amount":91}"#, "402 insufficient_credits")])
            #expect(try await everything(server) == before)
            // Money that is owed anyway.
            try await expect(
                server, "PUT", "customers/cus_2/debits/d1", [(#"{"amount":5,"allow_negative":true}"#, "201")])
        }
    }

    @Test func `only a gateway's token spends`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            try await fill(server)
            let before = try await everything(server)
            for (method, path, body) in [
                ("PUT", "customers/cus_1/holds/h1", #"{"amount":5}"#), ("GET", "customers/cus_1/holds/open", ""),
                ("GET", "customers/cus_1/holds", ""), ("POST", "customers/cus_1/holds/open/settle", #"{"amount":5}"#),
                ("POST", "customers/cus_1/holds/open/release", ""),
                ("POST", "customers/cus_1/holds/open/extend", #"{"ttl":"24h"}"#),
                ("PUT", "customers/cus_1/debits/d1", #"{"amount":5}"#), ("GET", "customers/cus_1/balance", ""),
                ("POST", "debits", #"{"debits":[{"customer":"cus_1","debit":"d1","amount":5}]}"#),
            ] {
                for (token, summary) in [
                    (nil, "401 unauthenticated"), ("gateway-token-0123456780", "401 unauthenticated"),
                    (ServerFixture.adminToken, "403 forbidden"),
                ] as [(String?, String)] {
                    let answer = try await server.inside(
                        method, "/v1/\(path)", token: token, body: method == "GET" ? nil : body)
                    #expect(answer.summary == summary, "\(method) \(path)")
                    #expect((answer.status == 401) == (answer.headers["www-authenticate"] != nil))
                }
            }
            let ledger = try await server.inside(
                "GET", "/admin/v1/customers/cus_1/ledger", token: ServerFixture.gatewayToken)
            #expect(ledger.summary == "403 forbidden")
            #expect(try await everything(server) == before)
        }
    }

    @Test func `a body is bounded, and the largest metadata fits`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            try await fill(server)
            // The longest way to write the longest text.
            let text = String(repeating: #"\ud83d\ude00"#, count: 500)
            let metadata = (10..<60).map { "\"\(String(repeating: #"\ud83d\ude00"#, count: 38))\($0)\":\"\(text)\"" }
            let largest = "{\"amount\":5,\"metadata\":{\(metadata.joined(separator: ","))}}"
            #expect(try await server.hold("h1", largest).status == 201)
            #expect(try await server.hold("h1")["metadata"]?.object?.count == 50)
            let padding = String(repeating: " ", count: 512 * 1024)
            #expect(try await server.hold("h2", "{\"amount\":5}\(padding)").summary == "413 payload_too_large")
            #expect(try await server.debit("d2", "{\"amount\":5}\(padding)").summary == "413 payload_too_large")
            let many = try await server.gateway("POST", "/v1/debits", body: "{\"debits\":[]}\(padding)\(padding)")
            #expect(many.summary == "413 payload_too_large")
            let release = try await server.gateway("POST", "/v1/customers/cus_1/holds/open/release", body: padding)
            #expect(release.summary == "413 payload_too_large")
        }
    }

    @Test(arguments: ["/v1/debits", "/v1/customers/cus_1/debits/d1", "/v1/access/batch"])
    func `lists that arrive slowly share their memory, and the oldest makes room`(_ path: String) async throws {
        try await ServerFixture.with(workers: 0) { server in
            let method = path.contains("cus_1") ? "PUT" : "POST"
            let head = """
                \(method) \(path) HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(ServerFixture.gatewayToken)\r\n\
                Content-Length: 520000\r\n\r\n
                """
            let port = server.privatePort
            // Together more than 64 MiB.
            let first = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<140 {
                    group.addTask {
                        try await HTTPConnection.with(port: port) { connection in
                            try await connection.send(head + String(repeating: " ", count: 510_000))
                            return try await connection.answer().status
                        }
                    }
                }
                defer { group.cancelAll() }
                return try await group.next()
            }
            // None that is too slow has had the time to be told so.
            #expect(first == 503)
        }
    }
}
