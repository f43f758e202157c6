// SPDX-License-Identifier: Apache-2.0

import Notation
import TestSupport
import Testing

@testable import Server

/// What operators ask for; Tests/FetchingTests does it.
@Suite struct AdminBackfillTests {
    private static let body = #"{"since":"2026-11-25T09:00:00Z"}"#

    @Test func `without a key nobody would ask Stripe`() async throws {
        try await ServerFixture.with { server in
            let answer = try await server.admin("POST", "/backfills", body: Self.body)
            #expect(answer.status == 409)
            #expect(try answer.json["code"] == "stripe_key_missing")
            #expect(try await server.admin("GET", "/backfills").json["data"] == [])
        }
    }

    @Test func `one at a time runs, is shown, and can be canceled`() async throws {
        try await ServerFixture.with(hasStripeKey: true) { server in
            let started = try await server.admin("POST", "/backfills", body: Self.body)
            #expect(started.status == 202)
            let id = try #require(try started.json["id"]?.string)
            #expect(id.hasPrefix("bkf_"))
            #expect(try started.json["status"] == "running")
            #expect(try started.json["since"] == "2026-11-25T09:00:00Z")
            #expect(try started.json["operator"] == "night-shift")
            #expect(try started.json.object?["error"] == .null)
            let second = try await server.admin("POST", "/backfills", body: Self.body)
            #expect(second.status == 409 && second.text.contains(id))
            #expect(try second.json["code"] == "backfill_running")
            #expect(try await server.admin("GET", "/backfills/\(id)").json == started.json)
            let canceled = try await server.admin("DELETE", "/backfills/\(id)")
            #expect(canceled.status == 200)
            #expect(try canceled.json["status"] == "canceled")
            #expect(try await server.admin("DELETE", "/backfills/\(id)").json["code"] == "backfill_over")
            #expect(try await server.admin("GET", "/backfills").json["data"]?.array?.count == 1)
            #expect(try await server.admin("GET", "/backfills/bkf_x").json["code"] == "unknown_backfill")
            #expect(try await server.admin("DELETE", "/backfills/bkf_x").json["code"] == "unknown_backfill")
        }
    }

    @Test func `when all accounts were last compared is a metric where they are`() async throws {
        let name = "tollgate_reconcile_last_success_timestamp_seconds"
        try await ServerFixture.with { server in
            let text = try await server.inside("GET", "/metrics").text
            #expect(!text.contains(name))
        }
        try await ServerFixture.with(hasStripeKey: true) { server in
            // One that PostgreSQL was too slow for says nothing of it.
            func shows(_ value: Int64) async throws {
                try await eventually("the metric to be \(value)") {
                    try await server.inside("GET", "/metrics").text.contains("\n\(name) \(value)\n") ? true : nil
                }
            }
            try await shows(0)
            try await server.sql { connection in
                _ = try connection.execute(
                    """
                    INSERT INTO tollgate.reconciliation (account, covered_until, succeeded_at)
                    VALUES ('', to_timestamp(1790000000), to_timestamp(1790000060))
                    """)
            }
            try await shows(1_790_000_060)
        }
    }

    @Test(arguments: [
        #"{"since":"2098-01-01T00:00:00Z"}"#,
        #"{"since":"2026-11-25T09:00:00Z","until":"2026-11-25T09:00:00Z"}"#,
        #"{"since":"2026-11-25T09:00:00Z","until":"2026-11-24T09:00:00Z"}"#,
    ])
    func `a span without time is refused`(body: String) async throws {
        try await ServerFixture.with(hasStripeKey: true) { server in
            let answer = try await server.admin("POST", "/backfills", body: body)
            #expect(answer.status == 409)
            #expect(try answer.json["code"] == "empty_span")
        }
    }
}
