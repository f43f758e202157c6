// SPDX-License-Identifier: Apache-2.0

import Foundation
import Postgres
import Store
import TestSupport
import Testing

@testable import Server

/// Operators' traffic must not delay gateways or readiness.
@Suite struct PoolTests {
    @Test func `operators who wait for a locked customer delay neither gateways nor readiness`() async throws {
        try await ServerFixture.with { server in
            try await server.sql { connection in
                _ = try connection.executeScript(
                    """
                    INSERT INTO tollgate.account (customer_id, allowed, reason, changed_at, version)
                    SELECT 'cus_' || n, false, 'no_subscription', now(), 1 FROM generate_series(1, 30) n;
                    INSERT INTO tollgate.account (customer_id, allowed, reason, changed_at, version)
                    VALUES ('cus_locked', false, 'no_subscription', now(), 1)
                    """)
            }
            try await TestDatabase.hold(server.source) { connection in
                _ = try connection.execute(
                    "SELECT FROM tollgate.account WHERE customer_id = 'cus_locked' FOR UPDATE")
            } while: {
                try await withThrowingTaskGroup(of: HTTPAnswer?.self) { group in
                    // Enough that some still wait for a connection while others run into the lock timeout.
                    for _ in 0..<16 {
                        group.addTask {
                            try await server.admin(
                                "PUT", "/customers/cus_locked/override",
                                body: #"{"allowed":true,"reason":"x","until":null}"#)
                        }
                    }
                    try await eventually("operators who wait") {
                        let waiting = try await server.sql { connection in
                            try connection.execute(
                                """
                                SELECT count(*) FROM pg_stat_activity
                                WHERE datname = current_database() AND application_name = 'tollgate-operators'
                                  AND wait_event_type = 'Lock'
                                """
                            ).first?.decode(Int.self) ?? 0
                        }
                        return waiting >= 4 ? true : nil
                    }
                    for n in 1...30 {
                        let answer = try await server.gateway("GET", "/v1/customers/cus_\(n)/access")
                        #expect(answer.status == 200, "\(answer.text)")
                        #expect(try answer.json["stale"] == nil)
                    }
                    let ready = try await server.inside("GET", "/readyz")
                    #expect(try ready.json.at("postgresql.state") == "up")
                    let metrics = try await server.inside("GET", "/metrics").text
                    #expect(metrics.contains("\ntollgate_postgresql_up 1\n"))
                    // An operator who waits in vain gets the reason.
                    let refused = try await group.next() ?? nil
                    #expect(refused?.summary == "503 unavailable")
                    #expect(refused?.text.contains("holds what this would change") == true, "\(refused?.text ?? "")")
                    group.cancelAll()
                    while await group.nextResult() != nil {}
                }
            }
        }
    }

    @Test func `a process takes as many connections as documented`() throws {
        let sizes = PoolSizes()
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
        let text = try String(contentsOf: folder.appending(path: "docs/operations.md"), encoding: .utf8)
        let sentence =
            "`serve` takes \(sizes.all) connections at the most, `--only http` \(sizes.http), `--only worker` "
            + "\(sizes.worker)"
        #expect(text.replacing("\n", with: " ").contains(sentence))
    }
}
