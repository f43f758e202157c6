// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import Synchronization
import TestSupport
import Testing

@testable import Server

/// The answers that a gateway gets.
@Suite(.serialized) struct AccessRouteTests {
    @Test func `the answer has exactly the contract's fields`() async throws {
        try await ServerFixture.with { server in
            try await server.handle([Events.checkout(id: "evt_1")])
            let answer = try await server.gateway("GET", "/v1/customers/cus_1/access")
            #expect(answer.status == 200)
            #expect(answer.headers["content-type"] == "application/json")
            #expect(
                try answer.json == [
                    "customer": "cus_1", "allowed": true, "reason": "credits", "until": .null, "credits": 500,
                    "version": 1,
                ])

            // A failure in the year 2099, for a time in `until`, in the contract's form.
            let late = Timestamp(seconds: 4_070_908_800)
            try await server.handle([
                Events.invoice("invoice.payment_failed", id: "evt_2", created: late, customer: "cus_2")
            ])
            #expect(
                try await server.access("cus_2") == [
                    "customer": "cus_2", "allowed": true, "reason": "grace_period",
                    "until": "2099-01-04T00:00:00Z", "credits": 0, "version": 1,
                ])
        }
    }

    @Test func `a token is read alike for gateways and operators`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            let kinds = [
                ("/v1/customers/cus_1/access", ServerFixture.gatewayToken, 404),
                ("/admin/v1/events", ServerFixture.adminToken, 200),
            ]
            for (path, token, status) in kinds {
                let line = "Authorization: Bearer \(token)"
                for (headers, wanted) in [([line], status), (["\(line) \t"], status), ([line, line], 401)] {
                    let answer = try await HTTPConnection.request(
                        port: server.privatePort, "GET \(path)", headers: headers)
                    #expect(answer.status == wanted, "\(path) \(headers.count)")
                }
            }
        }
    }

    @Test func `a customer nobody has named is 404, and what is no id is 400`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            let long = String(repeating: "x", count: 255)
            for customer in ["cus_1", "-", "_", "A", long] {
                let answer = try await server.gateway("GET", "/v1/customers/\(customer)/access")
                #expect(answer.summary == "404 unknown_customer", "\(customer)")
            }
            for customer in [
                "\(long)x", "cus.1", "cus%201", "cus%00", "cus%2F1", "cus:1", "cus%C3%BC", "%E2%80%AE", "cus'--",
            ] {
                let answer = try await server.gateway("GET", "/v1/customers/\(customer)/access")
                #expect(answer.summary == "400 invalid_id", "\(customer)")
            }
            for customer in ["cus%", "cus%zz", "cus%ff"] {
                // Sent as they are: a proper client would refuse.
                let answer = try await HTTPConnection.request(
                    port: server.privatePort,
                    "GET /v1/customers/\(customer)/access",
                    headers: ["Authorization: Bearer \(ServerFixture.gatewayToken)"]
                )
                #expect(answer.status == 400, "\(customer)")
                #expect(try answer.problem.code == "bad_request", "\(customer)")
            }
        }
    }

    @Test func `a token opens its own routes and never the other kind's`() async throws {
        try await ServerFixture.with { server in
            try await server.handle([Events.checkout(id: "evt_1")])
            let gateway = [("GET", "/v1/customers/cus_1/access")]
            let admin = [
                ("GET", "/admin/v1/events"), ("GET", "/admin/v1/events/evt_1"),
                ("POST", "/admin/v1/events/evt_1/replay"),
                ("GET", "/admin/v1/customers/cus_1"), ("PUT", "/admin/v1/customers/cus_1/override"),
                ("DELETE", "/admin/v1/customers/cus_1/override"), ("POST", "/admin/v1/customers/cus_1/credits"),
            ]
            for (routes, wrong) in [
                (gateway, ServerFixture.adminToken), (admin, ServerFixture.gatewayToken),
            ] {
                for (method, path) in routes {
                    for token in [nil, "unknown-token-0123456789", String(wrong.dropLast()), ""] {
                        let answer = try await server.inside(method, path, token: token)
                        #expect(answer.summary == "401 unauthenticated", "\(method) \(path)")
                        #expect(answer.headers["www-authenticate"]?.hasPrefix("Bearer") == true)
                    }
                    let answer = try await server.inside(method, path, token: wrong)
                    #expect(answer.summary == "403 forbidden", "\(method) \(path)")
                }
            }
            // Each of the admin tokens is accepted.
            #expect(try await server.inside("GET", "/admin/v1/events", token: "second-admin-0123456789").status == 200)
            // None of these requests changed anything.
            #expect(try await server.ended("evt_1")["attempts"] == 1)
            #expect(try await server.access()["version"] == 1)
        }
    }

    @Test func `a grace period ends at its second, without an event and without a sweeper`() async throws {
        let policy = Policy(gracePeriod: .seconds(12))
        try await ServerFixture.with(policy: policy, sweeping: false) { server in
            let created = Timestamp(seconds: Timestamp.now.seconds)
            let deadline = created + .seconds(12)
            try await server.handle([Events.invoice("invoice.payment_failed", id: "evt_1", created: created)])
            let seen = try await watch(server, until: deadline, from: "grace_period", to: "payment_overdue")
            #expect(seen.before["until"]?.string == "\(deadline)")
            #expect(seen.before["allowed"] == true)
            #expect(
                seen.after == [
                    "customer": "cus_1", "allowed": false, "reason": "payment_overdue", "until": .null, "credits": 0,
                    "version": .integer((seen.before["version"]?.integer ?? 0) + 1),
                ])
            // The stored flag is unchanged: the new answer was computed on reading.
            let stored = try await server.sql { connection in
                try connection.execute("SELECT reason FROM tollgate.account").first?.decode(String.self)
            }
            #expect(stored == "grace_period")
        }
    }

    @Test func `an override ends at its second`() async throws {
        try await ServerFixture.with { server in
            try await server.handle([Events.checkout(id: "evt_1")])
            let deadline = Timestamp(seconds: Timestamp.now.seconds + 10)
            let answer = try await server.admin(
                "PUT", "/customers/cus_1/override", body: #"{"allowed":false,"reason":"abuse","until":"\#(deadline)"}"#)
            #expect(answer.status == 200)
            let seen = try await watch(server, until: deadline, from: "override_deny", to: "credits")
            #expect(seen.before["until"]?.string == "\(deadline)")
            #expect(seen.before["allowed"] == false)
            #expect(seen.after["allowed"] == true)
            #expect(seen.after["until"] == nil)
        }
    }

    /// Reads the flag until it changes, and checks each answer against the clock.
    private func watch(
        _ server: ServerFixture,
        until deadline: Timestamp,
        from first: String,
        to second: String
    ) async throws -> (before: JSON, after: JSON) {
        var before: JSON?
        let after = try await eventually("\(second)") {
            let asked = Timestamp.now
            let answer = try await server.access()
            let answered = Timestamp.now
            // The database runs on this machine's clock.
            if answered < deadline { #expect(answer["reason"]?.string == first) }
            if asked >= deadline { #expect(answer["reason"]?.string == second) }
            if answer["reason"]?.string == first { before = answer }
            return answer["reason"]?.string == second ? answer : nil
        }
        return (try #require(before), after)
    }

    @Test func `the version grows with each change, stays without one, and never goes back`() async throws {
        try await ServerFixture.with(workers: 2) { server in
            let isOver = Mutex(false)
            let reader = Task {
                var versions: [Int64] = []
                while !isOver.withLock({ $0 }) {
                    let answer = try await server.gateway("GET", "/v1/customers/cus_1/access")
                    if let version = try answer.json["version"]?.integer { versions.append(version) }
                }
                return versions
            }
            var last: Int64 = 0
            func step(_ what: String, changes: Bool, _ body: () async throws -> Void) async throws {
                try await body()
                let version = try await server.access()["version"]?.integer ?? -1
                #expect(changes ? version > last : version == last, "\(what): \(last), then \(version)")
                last = version
            }
            let override = #"{"allowed":false,"reason":"abuse"}"#
            let now = Timestamp(seconds: Timestamp.now.seconds)
            try await step("a top-up", changes: true) { try await server.handle([Events.checkout(id: "evt_1")]) }
            try await step("a second delivery", changes: false) {
                try await server.handle([Events.checkout(id: "evt_1")])
            }
            try await step("the same payment again", changes: false) {
                try await server.handle([Events.paymentIntent(id: "evt_2")])
            }
            try await step("more credits", changes: true) {
                try await server.handle([Events.checkout(id: "evt_3", session: "cs_2", paymentIntent: "pi_2")])
            }
            try await step("a failure", changes: true) {
                try await server.handle([Events.invoice("invoice.payment_failed", id: "evt_4", created: now)])
            }
            try await step("a retry of it", changes: false) {
                try await server.handle([
                    Events.invoice("invoice.payment_failed", id: "evt_5", created: now + .seconds(60))
                ])
            }
            try await step("an override", changes: true) {
                _ = try await server.admin("PUT", "/customers/cus_1/override", body: override)
            }
            try await step("its end", changes: true) {
                _ = try await server.admin("DELETE", "/customers/cus_1/override")
            }
            try await step("no override to end", changes: false) {
                _ = try await server.admin("DELETE", "/customers/cus_1/override")
            }
            try await step("a payment", changes: true) {
                try await server.handle([
                    Events.invoice("invoice.paid", id: "evt_6", created: now, periodEnd: now + .seconds(9))
                ])
            }
            try await step("an event for nobody", changes: false) {
                try await server.handle([Events.event("customer.created", id: "evt_7", object: ["id": "cus_1"])])
            }
            isOver.withLock { $0 = true }
            let versions = try await reader.value
            #expect(versions == versions.sorted())
            #expect(versions.count > 5)
        }
    }
}
