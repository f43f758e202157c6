// SPDX-License-Identifier: Apache-2.0

import Notation
import TestSupport
import Testing

@testable import Server

/// What a customer's calls have come to, and each of them alone.
@Suite struct CustomerUsageTests {
    private static let calls = [
        UsageCall("call_1", at: "2026-10-31T23:59:59.999999Z", charge: "0.0016") {
            $0.pools = ["input": 1]
            $0.key = "key_1"
        },
        UsageCall("call_2", at: "2026-11-01T00:00:00Z", charge: "0.000000000000000000000001") {
            $0.pools = ["input": 10, "cache_read": 7, "unit:image": 2]
            $0.cost = "0.5"
        },
        UsageCall("call_3", at: "2026-12-01T00:59:59.999999+01:00", charge: "0.25") {
            $0.pools = ["input": 100, "output": 3, "unit:image": 1, "unit:audio": 4]
            $0.key = "key_1"
            $0.cost = "0.125"
        },
        UsageCall("call_4", at: "2026-11-30T12:00:00Z", charge: "3") {
            $0.pools = ["output": 5, "cache_write_5m": 6, "cache_write_1h": 8, "web_search": 9]
            $0.model = "gpt"
            $0.provider = "openai"
        },
        UsageCall("call_5", at: "2026-12-01T00:00:00Z", charge: "9") { $0.pools = ["input": 1_000] },
        UsageCall("call_6", at: "2026-11-15T00:00:00Z", charge: "99") { $0.customer = "cus_2" },
    ]

    private static func with(_ body: (ServerFixture) async throws -> Void) async throws {
        try await ServerFixture.with(workers: 0) { server in
            try await UsageCall.record(calls, on: server.source)
            try await body(server)
        }
    }

    private static func data(_ server: ServerFixture, _ query: String) async throws -> [JSON] {
        let answer = try await server.gateway("GET", "/v1/customers/cus_1/usage?\(query)")
        #expect(answer.status == 200, "\(answer.text)")
        #expect(try await server.admin("GET", "/customers/cus_1/usage?\(query)").body == answer.body)
        return try answer.json["data"]?.array ?? []
    }

    @Test func `days are those of UTC, from one until before another`() async throws {
        try await Self.with { server in
            let november = try await Self.data(server, "from=2026-11-01&to=2026-12-01")
            #expect(
                november == [
                    [
                        "day": "2026-11-01", "records": 1, "cost": "0.5", "charge": "0.000000000000000000000001",
                        "credits": 0, "pools": ["input": 10, "cache_read": 7, "unit:image": 2],
                    ],
                    [
                        "day": "2026-11-30", "records": 2, "cost": "0.125", "charge": "3.25", "credits": 3_250,
                        "pools": [
                            "input": 100, "output": 8, "cache_write_5m": 6, "cache_write_1h": 8, "web_search": 9,
                            "unit:image": 1, "unit:audio": 4,
                        ],
                    ],
                ])
            func days(_ query: String) async throws -> [String?] {
                try await Self.data(server, query).map { $0["day"]?.string }
            }
            #expect(try await days("from=2026-10-31&to=2026-11-02") == ["2026-10-31", "2026-11-01"])
            #expect(try await days("from=2026-12-01&to=2026-12-02&group_by=day") == ["2026-12-01"])
            // An end alone is that of its month.
            #expect(try await days("to=2026-12-01") == ["2026-11-01", "2026-11-30"])
            #expect(try await days("to=2026-11-02") == ["2026-11-01"])
            #expect(try await days("from=2026-11-02&to=2026-11-30") == [])
        }
    }

    @Test func `models and keys are the dearest first, and units of all days are added`() async throws {
        try await Self.with { server in
            let models = try await Self.data(server, "from=2026-11-01&to=2026-12-01&group_by=model")
            #expect(models.map { $0["model"] } == ["gpt", "claude-fable-5-1"])
            #expect(models.map { $0["provider"] } == ["openai", "anthropic"])
            let second = models.last
            #expect(second?["charge"] == "0.250000000000000000000001" && second?["cost"] == "0.625")
            #expect(
                second?["pools"] == [
                    "input": 110, "output": 3, "cache_read": 7, "unit:image": 3, "unit:audio": 4,
                ])
            let keys = try await Self.data(server, "from=2026-10-01&to=2026-12-01&group_by=key")
            #expect(keys.map { $0.object?["key"] } == [.null, "key_1"])
            #expect(keys.map { $0["records"] } == [2, 2])
            #expect(keys.last?["charge"] == "0.2516" && keys.last?["credits"] == 251)
        }
    }

    @Test func `without a span it is this month so far`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            let now = server.clock.now
            try await UsageCall.record(
                [
                    UsageCall("now", at: "\(now)", charge: "1"),
                    UsageCall("before", at: "\(now.startOfMonth - .microseconds(1))", charge: "2"),
                    UsageCall("first", at: "\(now.startOfMonth)", charge: "4"),
                ], on: server.source)
            func usage() async throws -> JSON { try await server.gateway("GET", "/v1/customers/cus_1/usage").json }
            let found = try await usage()
            let charges = (found["data"]?.array ?? []).compactMap { $0["charge"]?.string }
            #expect(charges == ["4", "1"] || charges == ["5"])
            #expect(found["from"] == .string(String("\(now.startOfMonth)".prefix(10))))
            #expect(found["to"] == .string(String("\(now + .seconds(86_400))".prefix(10))))
            // 31 days later it is another month.
            server.clock.shift(by: .seconds(31 * 86_400))
            #expect(try await usage()["data"] == [])
        }
    }

    @Test func `a span that is none is refused, and so is a customer whom nobody has named`() async throws {
        try await Self.with { server in
            for (query, summary) in [
                ("from=2026-11-02&to=2026-11-02", "409 empty_span"),
                ("from=2026-11-03&to=2026-11-02", "409 empty_span"),
                ("from=2099-12-31", "409 empty_span"), ("from=2026-11-31", "400 invalid_parameter"),
                ("from=2026-11-01T00:00:00Z", "400 invalid_parameter"), ("to=2100-01-01", "400 invalid_parameter"),
                ("group_by=hour", "400 invalid_parameter"),
                ("from=2026-11-01&from=2026-11-02", "400 invalid_parameter"),
            ] {
                let answer = try await server.gateway("GET", "/v1/customers/cus_1/usage?\(query)")
                #expect(answer.summary == summary, "\(query)")
            }
            for path in ["usage", "usage/call_1", "statement"] {
                let answer = try await server.gateway("GET", "/v1/customers/cus_3/\(path)")
                #expect(answer.summary == "404 unknown_customer", "\(path)")
                let other = try await server.inside(
                    "GET", "/v1/customers/cus_1/\(path)", token: ServerFixture.adminToken)
                #expect(other.summary == "403 forbidden", "\(path)")
            }
        }
    }

    @Test func `a call has its receipt, what the provider counted, and what the gateway noted`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            let rate: String = try await server.sql { connection in
                try connection.execute(
                    """
                    INSERT INTO tollgate.rate (draft_id, provider, model, effective_at, known_at, content)
                    SELECT id, 'anthropic', 'm', '2026-01-01T00:00:00Z', now(),
                           '{"provider": "anthropic", "model": "m", "effective_at": "2026-01-01T00:00:00Z"}'
                    FROM tollgate.rate_draft RETURNING id
                    """
                ).only["id"]
            }
            try await UsageCall.record(
                [
                    UsageCall("call_1", at: "2026-11-26T09:00:00Z", charge: "0.0017"),
                    UsageCall("call_2", at: "2026-11-26T09:00:01Z", charge: "0.0005") {
                        $0.pools = ["input": 1_000]
                        $0.usage = ["input_tokens": 1_000, "deep": [["a": .null]]]
                        $0.request = ["session": "s", "labels": ["team": "<b>"]]
                        $0.rate = rate
                    },
                ], on: server.source)
            let answer = try await server.gateway("GET", "/v1/customers/cus_1/usage/call_2")
            #expect(
                try answer.json == [
                    "id": "call_2", "customer": "cus_1", "key": .null, "at": "2026-11-26T09:00:01Z",
                    "recorded_at": "2026-11-26T09:00:01Z", "provider": "anthropic", "dialect": "tokens",
                    "model": "claude-fable-5-1", "status": "ok", "batch": false, "hold": .null,
                    "usage": ["input_tokens": 1_000, "deep": [["a": .null]]],
                    "request": ["session": "s", "labels": ["team": "<b>"]], "marks": ["cache_writes_taken_as_5m"],
                    "bill": "credits", "credit_value": "0.001", "carried": "0.0007", "words": "about 2 pages read",
                    "receipt": [
                        "cost": "0", "charge": "0.0005", "credits": 1, "remainder": "0.0002",
                        "rate": .string(rate), "plan": "plan_00000000000000000000000000000001",
                        "lines": [["pool": "input", "quantity": 1_000, "rate": "1", "cost": "0.5"]],
                    ],
                ])
            #expect(try await server.admin("GET", "/customers/cus_1/usage/call_2").body == answer.body)
            // A line of another version of the book than the receipt's says which.
            try await UsageCall.record(
                [UsageCall("call_3", at: "2026-11-26T09:00:02Z") { $0.pools = ["output": 1] }], on: server.source)
            let other = try await server.gateway("GET", "/v1/customers/cus_1/usage/call_3").json
            #expect(other.at("receipt.lines")?[0]?["version"] == "rate_x" && other.object?["usage"] == .null)
        }
    }

    @Test func `nobody sees a call of somebody else's`() async throws {
        try await Self.with { server in
            #expect(try await server.gateway("GET", "/v1/customers/cus_2/usage/call_6").status == 200)
            for id in ["call_6", "call_7"] {
                let answer = try await server.gateway("GET", "/v1/customers/cus_1/usage/\(id)")
                #expect(answer.summary == "404 unknown_usage", "\(id)")
            }
        }
    }
}
