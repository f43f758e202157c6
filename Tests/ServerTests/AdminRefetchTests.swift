// SPDX-License-Identifier: Apache-2.0

import Notation
import TestSupport
import Testing

@testable import Server

/// What operators ask for; Tests/FetchingTests does it.
@Suite struct AdminRefetchTests {
    @Test func `without a key nobody would ask Stripe`() async throws {
        try await ServerFixture.with { server in
            let answer = try await server.admin("POST", "/customers/cus_1/refetch")
            #expect(answer.status == 409)
            #expect(try answer.json["code"] == "stripe_key_missing")
            #expect(try await server.admin("GET", "/customers/cus_1/refetch").json["code"] == "unknown_refetch")
        }
    }

    @Test func `a customer whom nothing has named can be asked for, and again`() async throws {
        try await ServerFixture.with(hasStripeKey: true) { server in
            for _ in 0..<2 {
                let answer = try await server.admin("POST", "/customers/cus_1/refetch")
                #expect(answer.status == 202)
                #expect(try answer.json["customer"] == "cus_1")
                #expect(try answer.json["status"] == "pending")
                #expect(try answer.json["operator"] == "night-shift")
                #expect(try await server.admin("GET", "/customers/cus_1/refetch").json == answer.json)
            }
            let waiting = "\ntollgate_stripe_fetches_waiting 1\n"
            #expect(try await server.inside("GET", "/metrics").text.contains(waiting))
            #expect(try await server.admin("POST", "/customers/a.b/refetch").json["code"] == "invalid_id")
        }
    }
}
