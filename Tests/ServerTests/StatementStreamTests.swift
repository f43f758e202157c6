// SPDX-License-Identifier: Apache-2.0

import HTTP
import Postgres
import TestSupport
import Testing

@testable import Server

/// Statements that are longer than what is kept of them for a client.
@Suite(.serialized) struct StatementStreamTests {
    private static let count = 2_000
    private static let request = [
        "GET /v1/customers/cus_1/statement?month=2026-11 HTTP/1.1", "Host: test",
        "Authorization: Bearer \(ServerFixture.gatewayToken)", "", "",
    ].joined(separator: "\r\n")

    /// More than the buffers of two sockets take: each line has 10 kB.
    private static func fill(_ source: DataSource) async throws {
        try await TestDatabase.transaction(on: source) { connection in
            _ = try connection.executeScript(
                """
                INSERT INTO tollgate.account (customer_id, allowed, reason, changed_at, version)
                VALUES ('cus_1', false, 'no_subscription', now(), 1);
                INSERT INTO tollgate.usage_record (
                    id, customer_id, number, provider, dialect, model, at, recorded_at, status, is_batch, request, digest,
                    livemode, lines, marks, cost, charge, bill, credit_value, carried, credits, remainder, plan_id)
                SELECT 'call_' || n, 'cus_1', n, 'anthropic', 'tokens', repeat('m', 10000),
                       timestamptz '2026-11-01T00:00:00Z' + n * interval '1 second', now(), 'ok', false, '{}',
                       sha256(convert_to(n::text, 'UTF8')), true, '[{"pool": "input", "quantity": 1000}]', '[]', 1, 1, 'none',
                       0.001, 0, 0, 0, 'plan_00000000000000000000000000000001'
                FROM generate_series(1, \(count)) n;
                INSERT INTO tollgate.usage_balance (customer_id, number, carried) VALUES ('cus_1', \(count), 0);
                """)
        }
    }

    @Test func `a statement of any length is sent whole`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            try await Self.fill(server.source)
            let answer = try await server.gateway("GET", "/v1/customers/cus_1/statement?month=2026-11").json
            #expect(answer["lines"]?.array?.count == Self.count)
            #expect(answer.at("sums.charge.none") == .string("\(Self.count)"))
        }
    }

    @Test func `whoever does not read loses the connection, and takes no place for longer`() async throws {
        var limits = ListenerLimits()
        limits.stallTime = .seconds(3)
        try await ServerFixture.with(workers: 0, limits: limits) { server in
            try await Self.fill(server.source)
            let path = "/v1/customers/cus_1/statement?month=2026-12"
            try await Self.withIdleReaders(16, of: server) {
                let refused = try await eventually("that all places are taken") {
                    let answer = try await server.gateway("GET", path)
                    return answer.status == 503 ? answer : nil
                }
                #expect(refused.problem == "unavailable" && refused.headers["retry-after"] == "5")
                #expect(try refused.json["detail"] == "Too many statements are being sent.")
                try await eventually("a free place", within: .seconds(30)) {
                    try await server.gateway("GET", path).status == 200 ? true : nil
                }
            }
        }
    }

    /// While clients have asked for a statement and read nothing.
    private static func withIdleReaders(
        _ count: Int, of server: ServerFixture, _ body: () async throws -> Void
    ) async throws {
        guard count > 0 else { return try await body() }
        try await HTTPConnection.with(port: server.privatePort) { connection in
            try await connection.pauseReading(true)
            try await connection.send(request)
            try await withIdleReaders(count - 1, of: server, body)
        }
    }

    @Test func `a statement whose rest cannot be read breaks off`() async throws {
        try await TestDatabase.with { database in
            try await ServerFixture.with(source: database.source) { server in
                try await Self.fill(database.source)
                try await HTTPConnection.with(port: server.privatePort) { connection in
                    try await connection.send(Self.request)
                    _ = try await connection.text(until: "call_1\"")
                    try await connection.pauseReading(true)
                    try await database.cutOff()
                    try await connection.pauseReading(false)
                    let rest: String
                    do {
                        rest = try await connection.rest()
                    } catch {
                        rest = ""  // a reset is no end either
                    }
                    #expect(!rest.contains("\"sums\"") && !rest.hasSuffix("\r\n0\r\n\r\n"))
                }
                try await database.letIn()
            }
        }
    }
}
