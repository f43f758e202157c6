// SPDX-License-Identifier: Apache-2.0

import Notation
import TestSupport
import Testing

@testable import Server

/// The flags of many customers, and flags that are as new as somebody has already seen.
@Suite(.serialized) struct AccessListTests {
    private func batch(_ server: ServerFixture, _ body: String) async throws -> HTTPAnswer {
        try await server.inside("POST", "/v1/access/batch", token: ServerFixture.gatewayToken, body: body)
    }

    private func body(_ customers: [String]) -> String {
        String(decoding: (["customers": .array(customers.map(JSON.string))] as JSON).bytes, as: UTF8.self)
    }

    @Test func `many are answered in the order in which they are asked for, each as if alone`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            try await server.override("cus_1", allowed: true)
            try await server.override("cus_2", allowed: false)
            let asked = ["cus_2", "cus_none", "cus_1", "cus_2"]
            let answer = try await batch(server, body(asked))
            #expect(answer.status == 200)
            let data = try #require(try answer.json["data"]?.array)
            #expect(data.map { $0["customer"]?.string } == asked)
            let second = try await server.access("cus_2")
            #expect(data[0] == second && data[3] == second)
            #expect(data[1] == ["customer": "cus_none", "error": "unknown_customer"])
            let first = try await server.access("cus_1")
            #expect(data[2] == first)
            // What changes after it is behind its cursor, and so may be what changed just before.
            let cursor = try #require(try answer.json["cursor"]?.string)
            try await server.override("cus_1", allowed: false)
            _ = try await server.changes(after: cursor, until: "cus_1 2")
        }
    }

    @Test func `a thousand are answered, and one more is refused`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            let ids = (1...1_001).map { "cus_\($0)" + String(repeating: "x", count: 240) }
            let answer = try await batch(server, body(Array(ids.prefix(1_000))))
            #expect(answer.status == 200)
            #expect(try answer.json["data"]?.array?.count == 1_000)
            #expect(try await batch(server, body(ids)).summary == "400 invalid_field")
            #expect(try await batch(server, body([])).status == 200)
        }
    }

    @Test(arguments: [
        ("{}", "400 missing_field"), (#"{"customers":"cus_1"}"#, "400 invalid_field"),
        (#"{"customers":["cus_1",""]}"#, "400 invalid_field"), (#"{"customers":[1]}"#, "400 invalid_field"),
        (#"{"customers":["a.b"]}"#, "400 invalid_field"), (#"{"customers":[],"more":1}"#, "400 unknown_field"),
        (#"{"customers":[],"customers":[]}"#, "400 duplicate_field"), ("[", "400 invalid_json"),
    ])
    func `a body that asks for anything else is refused`(_ body: String, _ refusal: String) async throws {
        try await ServerFixture.with(workers: 0) { server in
            let answer = try await batch(server, body)
            #expect(answer.summary == refusal)
        }
    }

    @Test func `none of it is for anybody without the gateway's token`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            for (method, path) in [
                ("POST", "/v1/access/batch"), ("GET", "/v1/access"), ("GET", "/v1/changes"),
                ("GET", "/v1/changes/stream"),
            ] {
                #expect(try await server.inside(method, path).summary == "401 unauthenticated")
                let answer = try await server.inside(method, path, token: ServerFixture.adminToken)
                #expect(answer.summary == "403 forbidden")
            }
        }
    }

    @Test func `all customers come by id, and the first page's cursor leads to what changes meanwhile`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            let ids = ["cus_1", "cus_10", "cus_2", "cus_A", "cus_a"]
            for id in ids.reversed() { try await server.override(id, allowed: true) }
            var (seen, cursors): ([String], [String]) = ([], [])
            var query = "limit=2"
            while true {
                let json = try await server.gateway("GET", "/v1/access?\(query)").json
                let page = json["data"]?.array?.compactMap { $0["customer"]?.string } ?? []
                seen += page
                cursors.append(json["cursor"]?.string ?? "")
                if cursors.count == 1 { try await server.override("cus_1", allowed: false) }
                guard json["has_more"] == true else { break }
                query = "limit=2&starting_after=\(try #require(page.last))"
            }
            #expect(seen == ids)
            _ = try await server.changes(after: cursors[0], until: "cus_1 2")
            // A place, whether or not there is such a customer.
            let rest = try await server.gateway("GET", "/v1/access?starting_after=cus_3").json
            #expect(rest["data"]?.array?.compactMap { $0["customer"]?.string } == ["cus_A", "cus_a"])
            for query in ["limit=0", "limit=1001", "limit=x", "starting_after=%20"] {
                #expect(try await server.gateway("GET", "/v1/access?\(query)").summary == "400 invalid_parameter")
            }
        }
    }

    @Test func `an answer that is new enough comes at once, and one that is not is waited for`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            try await server.override(allowed: true)
            let path = "/v1/customers/cus_1/access?min_version="
            for version in 0...1 {
                #expect(try await server.gateway("GET", path + "\(version)").json["version"] == 1)
            }
            // On a busy machine an override may take longer than the answer is waited for.
            var version: Int64 = 1
            try await eventually("an answer that was waited for") {
                let next = "\(path)\(version + 1)"
                async let waiting = server.gateway("GET", next)
                try await server.override(allowed: version % 2 == 0)
                let answer = try await waiting
                version += 1
                return try answer.status == 200 && answer.json["version"] == .integer(version) ? true : nil
            }
            let answer = try await server.gateway("GET", path + "\(version)").json
            #expect(answer["allowed"] == .bool(version % 2 == 1))
        }
    }

    @Test func `an answer of a version that never comes is 503, and so is one about nobody`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            try await server.override(allowed: true)
            for customer in ["cus_1", "cus_none"] {
                let answer = try await server.gateway("GET", "/v1/customers/\(customer)/access?min_version=2")
                #expect(answer.summary == "503 unavailable")
                #expect(answer.headers["retry-after"] == "1")
            }
            // Every answer is of version 0 at least, and of nobody there is none.
            let none = try await server.gateway("GET", "/v1/customers/cus_none/access?min_version=0")
            #expect(none.summary == "404 unknown_customer")
            for text in ["-1", "1.0", "x", "9007199254740992", "1&min_version=2"] {
                let answer = try await server.gateway("GET", "/v1/customers/cus_1/access?min_version=\(text)")
                #expect(answer.summary == "400 invalid_parameter", "\(text)")
            }
        }
    }
}
