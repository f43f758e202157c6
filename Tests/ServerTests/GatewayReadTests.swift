// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport
import Testing

@testable import Server

/// What gateways read while the database does not answer.
@Suite struct GatewayReadTests {
    @Test func `no gateway waits for longer than for the flag, whatever it reads`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            try await server.grant(100)
            let cursor = try await server.changes().cursor
            let paths = [
                "/v1/customers/cus_1/balance", "/v1/customers/cus_1/holds", "/v1/customers/cus_1/holds/h1",
                "/v1/access", "/v1/customers/cus_1/usage", "/v1/customers/cus_1/usage/call_1",
                "/v1/customers/cus_1/statement",
                "/v1/changes?cursor=\(cursor)", "/v1/changes/stream?cursor=\(cursor)",
            ]
            try await TestDatabase.hold(server.source) { connection in
                _ = try connection.executeScript("LOCK TABLE tollgate.account")
            } while: {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for path in paths {
                        group.addTask {
                            let answer = try await server.gateway("GET", path)
                            #expect(answer.summary == "503 unavailable", "\(path)")
                            #expect(answer.headers["retry-after"] == "1", "\(path)")
                            // The lock's own limit is a second later, and says so.
                            let detail = try answer.json["detail"]?.string
                            #expect(detail == "The database did not answer in time; try again.", "\(path)")
                        }
                    }
                    try await group.waitForAll()
                }
            }
            _ = try await eventually("the database") {
                try await server.gateway("GET", "/v1/customers/cus_1/balance").status == 200 ? true : nil
            }
        }
    }

    /// Its session accepts what is sent, and nothing comes back, as with a frozen server or a broken network.
    @Test func `who waits for changes learns soon that nobody knows whether there are any`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            try await server.override(allowed: true)
            // From here on the feed is read for all who wait. The change comes later if other tests' transactions hide it.
            let cursor = try await eventually("nothing new") {
                let page = try await server.changes(after: try await server.changes().cursor, "wait=1s")
                return page.data.isEmpty ? page.cursor : nil
            }
            var frozen: Set<Int64> = []
            defer { for session in frozen { kill(pid_t(session), SIGCONT) } }
            var answer: String?
            // The pool may have room for a session beside those that are frozen.
            for _ in 0..<5 where answer != "503 unavailable" {
                // Only another session may have answered.
                let others = try await Self.feedSessions(of: server).filter { frozen.insert($0).inserted }
                #expect(!others.isEmpty)
                for session in others { #expect(kill(pid_t(session), SIGSTOP) == 0) }
                answer = try await server.gateway("GET", "/v1/changes?cursor=\(cursor)&wait=20s").summary
            }
            #expect(answer == "503 unavailable")
        }
    }

    private static func feedSessions(of server: ServerFixture) async throws -> [Int64] {
        try await server.sql { connection in
            try connection.execute(
                """
                SELECT pid::bigint AS pid FROM pg_stat_activity
                WHERE application_name = 'tollgate-feed' AND datname = current_database()
                """
            ).map { row -> Int64 in try row["pid"] }
        }
    }
}
