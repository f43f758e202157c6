// SPDX-License-Identifier: Apache-2.0

import Billing
import Postgres
import TestSupport
import Testing

@testable import Server

/// The access cache with a real database that announces changes.
@Suite(.serialized) struct AccessAnnouncementTests {
    @Test func `an answer comes from memory until another process changes it`() async throws {
        try await TestDatabase.with { database in
            try await ServerFixture.with(source: database.source) { gateway in
                try await ServerFixture.with(source: database.source, workers: 1) { worker in
                    try await worker.handle([Events.checkout(id: "evt_1")])
                    try await eventually("an answer that is kept") { try await Self.isKept(gateway, database) }
                    #expect(try await gateway.access()["credits"] == 500)

                    try await worker.handle([
                        Events.checkout(id: "evt_2", session: "cs_2", paymentIntent: "pi_2")
                    ])
                    try await eventually("the new answer") {
                        try await gateway.access()["credits"] == 1000 ? true : nil
                    }
                    // And the new one is kept.
                    try await eventually("an answer that is kept") { try await Self.isKept(gateway, database) }
                }
            }
        }
    }

    @Test func `what changes while nobody listens is seen as soon as somebody does`() async throws {
        try await TestDatabase.with { database in
            try await ServerFixture.with(source: database.source, workers: 1) { server in
                try await server.handle([Events.checkout(id: "evt_1")])
                try await eventually("an answer that is kept") { try await Self.isKept(server, database) }
                // Changed without a notification, as if that had been lost with the session.
                try await server.sql { connection in
                    _ = try connection.executeScript(
                        "UPDATE tollgate.account SET reason = 'override_allow', version = version + 1")
                }
                #expect(try await server.access()["reason"] == "credits")
                let ended = try await server.sql { connection in
                    try connection.execute(
                        """
                        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                        WHERE datname = current_database() AND application_name = 'tollgate-listener'
                        """
                    ).count
                }
                #expect(ended == 1)
                try await eventually("the new answer") {
                    try await server.access()["reason"] == "override_allow" ? true : nil
                }
                try await eventually("an answer that is kept") { try await Self.isKept(server, database) }
            }
        }
    }

    @Test func `an operator sees his own change at once`() async throws {
        try await ServerFixture.with { server in
            try await server.handle([Events.checkout(id: "evt_1")])
            for allowed in [false, true, false, true, false] {
                let body = #"{"allowed":\#(allowed),"reason":"abuse","until":null}"#
                #expect(try await server.admin("PUT", "/customers/cus_1/override", body: body).status == 200)
                #expect(try await server.access()["allowed"] == .bool(allowed))
            }
        }
    }

    /// Whether the answer comes from memory: it is given, and not as stale, while the accounts are locked.
    private static func isKept(_ server: ServerFixture, _ database: TestDatabase) async throws -> Bool? {
        _ = try await server.access()
        var isKept: Bool?
        try await TestDatabase.hold(database.source) { connection in
            _ = try connection.executeScript("LOCK TABLE tollgate.account")
        } while: {
            let answer = try await server.gateway("GET", "/v1/customers/cus_1/access")
            let isStale = try answer.json["stale"] != nil
            isKept = answer.status == 200 && !isStale ? true : nil
        }
        return isKept
    }
}
