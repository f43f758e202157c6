// SPDX-License-Identifier: Apache-2.0

import EventReading
import Foundation
import Notation
import Postgres
import TestSupport
import Testing

/// `tollgate stripe doctor` with the real binary, against something that plays Stripe, and PostgreSQL.
@Suite struct StripeDoctorTests {
    private struct Found {
        let code: Int32?
        let checks: [String: JSON]

        func isOK(_ name: String) -> Bool? { checks[name]?["ok"]?.bool }
        func detail(_ name: String) -> String { checks[name]?["detail"]?.string ?? "" }
        func advice(_ name: String) -> String { checks[name]?["advice"]?.string ?? "" }
        var faults: Set<String> { Set(checks.filter { $0.value["ok"] == false }.keys) }
    }

    private static let permissions = [
        ("events", "/v1/events"), ("webhook_endpoints", "/v1/webhook_endpoints"),
        ("subscriptions", "/v1/subscriptions"),
        ("invoices", "/v1/invoices"), ("charges", "/v1/charges"), ("refunds", "/v1/refunds"),
        ("disputes", "/v1/disputes"),
        ("payment_intents", "/v1/payment_intents"), ("customers", "/v1/customers"),
        ("checkout_sessions", "/v1/checkout/sessions"), ("prices", "/v1/prices"),
    ]

    /// An endpoint that is in order.
    private static func endpoint(_ number: Int = 1, created: Int = 1_700_000_000) -> [String: JSON] {
        [
            "id": .string("we_\(number)"), "url": "https://hooks.example.com/webhooks/stripe", "status": "enabled",
            "api_version": "2025-09-30.clover", "created": .integer(Int64(created)), "metadata": [:],
            "enabled_events": .array(Interpretation.types.map(JSON.string)),
        ]
    }

    private func doctor(
        _ stripe: StripeStandIn, _ environment: [String: String] = [:], _ arguments: String...
    ) async throws -> Found {
        let ended = try await Program.run(
            ["stripe", "doctor", "--json"] + arguments, environment: stripe.environment.merging(environment) { $1 })
        #expect(!(ended.output + ended.errors).contains(StripeStandIn.key))
        let checks = try JSON(bytes: Array(ended.output.utf8))["checks"]?.array ?? []
        let byName = Dictionary(checks.map { ($0["name"]?.string ?? "", $0) }, uniquingKeysWith: { $1 })
        #expect(byName.count == checks.count && checks.count > 15, "\(ended.output)\(ended.errors)")
        let found = Found(code: ended.code, checks: byName)
        #expect((found.code == 0) == found.faults.isEmpty, "\(found.faults) \(ended.errors)")
        #expect(found.faults.allSatisfy { !found.advice($0).isEmpty })
        #expect(stripe.changes.allSatisfy { $0.contains("/ping") }, "it writes")
        return found
    }

    @Test func `without a fault it ends with 0, and a line says each`() async throws {
        try await StripeStandIn.with { stripe in
            stripe.change { $0.endpoints = [Self.endpoint()] }
            let found = try await doctor(stripe)
            #expect(found.code == 0 && found.faults == [], "\(found.checks)")
            #expect(found.isOK("deliveries") == nil && found.isOK("permission_prices") == true)
            let text = try await Program.run(["stripe", "doctor"], environment: stripe.environment)
            #expect(text.code == 0)
            #expect(text.output.contains("ok     endpoint_enabled"), "\(text.output)")
            let lines = text.output.split(separator: "\n")
            let counts = "DATABASE_URL is not set (5), STRIPE_WEBHOOK_SECRET is not set here (1)"
            #expect(lines.last.map(String.init) == "no fault; 6 not checked (?): \(counts)", "\(text.output)")
            #expect(lines.filter { $0.contains("DATABASE_URL") }.count == 2)
            #expect(found.isOK("secrets") == nil)
        }
    }

    @Test func `docs/stripe.md names every check`() async throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
        let page = try String(contentsOf: root.appending(path: "docs/stripe.md"), encoding: .utf8)
        try await StripeStandIn.with { stripe in
            let checks = try await doctor(stripe, ["DATABASE_URL": "host=127.0.0.1 port=1 dbname=none"]).checks
            for name in checks.keys {
                let shown = name.hasPrefix("permission_") ? "permission_…" : name
                #expect(page.contains("`\(shown)`"), "\(name)")
            }
        }
    }

    @Test func `each permission that the key lacks is named, with the link, and harms no other check`() async throws {
        try await StripeStandIn.with { stripe in
            for (name, path) in Self.permissions {
                stripe.change {
                    $0.endpoints = [Self.endpoint()]
                    $0.denied = [path: "rak_of_\(name)"]
                }
                let found = try await doctor(stripe)
                #expect(found.faults == ["permission_\(name)"], "\(found.checks)")
                #expect(found.detail("permission_\(name)").contains("rak_of_\(name)"))
                #expect(found.advice("permission_\(name)").contains("https://dashboard.stripe.com/apikeys/create"))
                #expect(found.isOK("key") == true && found.isOK("clock") == true)
            }
        }
    }

    @Test func `what is wrong with the endpoint is told`() async throws {
        try await StripeStandIn.with { stripe in
            let none = try await doctor(stripe)
            #expect(none.faults == ["endpoint"] && none.advice("endpoint").contains("tollgate stripe setup"))
            stripe.change {
                $0.endpoints = [Self.endpoint()]
                $0.endpoints[0]["status"] = "disabled"
            }
            #expect(try await doctor(stripe).faults == ["endpoint_enabled"])
            stripe.change {
                $0.endpoints = [Self.endpoint()]
                $0.endpoints[0]["enabled_events"] = ["invoice.paid"]
            }
            let incomplete = try await doctor(stripe)
            #expect(
                incomplete.faults == ["endpoint_events"]
                    && incomplete.detail("endpoint_events").contains("refund.failed"))
            stripe.change { $0.endpoints = [Self.endpoint()] }
            #expect(try await doctor(stripe, ["STRIPE_ACCOUNTS": "acct_1"]).faults == ["endpoint_connect"])
            #expect(
                try await doctor(stripe, [:], "--url", "https://other.example.com/webhooks/stripe").faults == [
                    "endpoint"
                ])
        }
    }

    @Test func `a Stripe that is away is one fault, and soon told`() async throws {
        try await StripeStandIn.with { stripe in
            let away = try await doctor(stripe, ["STRIPE_API_BASE": "http://127.0.0.1:1"])
            #expect(away.faults == ["stripe"] && away.isOK("endpoint") == nil)
            // In the middle of it: what was learned before is told.
            stripe.change { $0.away = ["/v1/disputes"] }
            let half = try await doctor(stripe)
            #expect(
                half.faults == ["stripe", "endpoint"] && half.isOK("key") == true
                    && half.isOK("permission_events") == true)
            #expect(half.isOK("permission_disputes") == nil && half.isOK("permission_prices") == nil)
            stripe.change { $0.refusals = .max }
            #expect(try await doctor(stripe).faults == ["stripe"])
            stripe.change {
                $0.refusals = 0
                $0.isKeyValid = false
            }
            let refused = try await doctor(stripe)
            #expect(refused.faults == ["key"] && refused.isOK("clock") == nil)
            #expect(refused.detail("permission_events").contains("Stripe refuses the key"))
            let text = try await Program.run(["stripe", "doctor"], environment: stripe.environment)
            let lines = text.output.split(separator: "\n")
            #expect(lines.filter { $0.contains("Stripe refuses") }.count == 3 && lines.count < 12, "\(text.output)")
        }
    }

    @Test func `what is not Stripe is told from it`() async throws {
        try await StripeStandIn.with { stripe in
            stripe.change { $0.statuses = ["/v1/webhook_endpoints": 404] }
            let absent = try await doctor(stripe)
            #expect(absent.faults == ["stripe"] && absent.detail("stripe").contains("it answers 404"))
            stripe.change { $0.strange = ["hello": "world"] }
            let found = try await doctor(stripe)
            #expect(found.faults == ["stripe"] && found.isOK("key") == nil, "\(found.checks)")
            #expect(found.advice("stripe").contains("STRIPE_API_BASE"))
        }
    }

    @Test func `an answer that cannot be read is a fault where it is`() async throws {
        try await StripeStandIn.with { stripe in
            stripe.change {
                $0.endpoints = [Self.endpoint()]
                // Where lists are, an object.
                $0.odd = ["/v1/invoices": ["id": "in_1"], "/v1/events": ["id": "evt_1"], "/v1/prices": [:]]
            }
            let found = try await doctor(stripe)
            #expect(found.faults == ["permission_invoices", "permission_events", "permission_prices"])
            #expect(found.advice("permission_invoices").contains("STRIPE_API_BASE"), "\(found.checks)")
            try await TestDatabase.with { database in
                stripe.change { $0.odd = ["/v2/core/event_destinations": ["id": "ed_1"]] }
                let noList = try await doctor(stripe, ["DATABASE_URL": database.url])
                #expect(noList.faults == ["ping"], "\(noList.checks)")
                stripe.change {
                    $0.odd = [:]
                    $0.events = [["hello": "world"]]
                }
                let noEvent = try await doctor(stripe, ["DATABASE_URL": database.url])
                #expect(noEvent.faults == ["deliveries"], "\(noEvent.checks)")
            }
        }
    }

    @Test func `too many requests are no absence`() async throws {
        try await StripeStandIn.with { stripe in
            stripe.change { $0.statuses = ["/v1/webhook_endpoints": 429] }
            let found = try await doctor(stripe)
            #expect(found.faults == ["stripe"] && found.advice("stripe") == "try again in a minute", "\(found.checks)")
            #expect(found.detail("endpoint").contains("no more requests"))
        }
    }

    @Test func `what leads elsewhere is named where there is no endpoint`() async throws {
        try await StripeStandIn.with { stripe in
            stripe.change {
                $0.endpoints = (1...4).map { Self.endpoint($0) }
                for index in 0..<4 { $0.endpoints[index]["url"] = "https://hooks.example.com/webhook" }
            }
            let detail = try await doctor(stripe).detail("endpoint")
            #expect(detail.contains("we_4 is at https://hooks.example.com/webhook, we_3 is"), "\(detail)")
            #expect(detail.split(separator: " is at ").count == 4, "\(detail)")
        }
    }

    @Test func `the long link is there once`() async throws {
        try await StripeStandIn.with { stripe in
            stripe.change { $0.denied = ["/v1/prices": "rak_plan_read", "/v1/invoices": "rak_invoice_read"] }
            let text = try await Program.run(["stripe", "doctor"], environment: stripe.environment).output
            #expect(text.split(separator: "https://dashboard.stripe.com").count == 2, "\(text)")
            #expect(text.split(separator: "see the link below").count == 3, "\(text)")
        }
    }

    @Test func `a database without the schema is a fault`() async throws {
        try await StripeStandIn.with { stripe in
            stripe.change { $0.endpoints = [Self.endpoint()] }
            try await TestDatabase.withEmpty { database in
                let found = try await doctor(stripe, ["DATABASE_URL": database.url])
                #expect(found.faults == ["database"] && found.isOK("missed") == nil, "\(found.checks)")
                #expect(found.advice("database").contains("tollgate migrate"))
            }
        }
    }

    @Test func `a connection that is refused is told in words`() async throws {
        try await StripeStandIn.with { stripe in
            let away = try await doctor(stripe, ["STRIPE_API_BASE": "http://127.0.0.1:1"])
            #expect(away.detail("stripe").contains("connection refused"), "\(away.detail("stripe"))")
            #expect(away.detail("stripe").contains("http://127.0.0.1:1 (STRIPE_API_BASE)"))
        }
    }

    @Test func `what setup has begun, and which secrets are there, is told`() async throws {
        try await StripeStandIn.with { stripe in
            stripe.change {
                $0.endpoints = [Self.endpoint(1), Self.endpoint(2)]
                $0.endpoints[1]["url"] = "https://hooks.example.com/webhooks/stripe?version=2025-03-31.basil"
                $0.endpoints[1]["api_version"] = "2025-03-31.basil"
                $0.endpoints[1]["status"] = "disabled"
                $0.endpoints[1]["metadata"] = ["tollgate-state": "prepared"]
            }
            let one = ["STRIPE_WEBHOOK_SECRET": "old=whsec_9f1b2c3d4e5f60718293a4b5c6d7e8f9"]
            let half = try await doctor(stripe, one)
            #expect(half.faults == [] && half.detail("endpoint_move").contains("we_2"))
            #expect(half.advice("endpoint_move").contains("--api-version 2025-03-31.basil"))
            #expect(half.isOK("secrets") == true && half.detail("secrets").hasPrefix("1 here: old"))
            stripe.change { $0.endpoints[1]["status"] = "enabled" }
            let both = try await doctor(stripe, one)
            #expect(both.faults == ["secrets"] && both.detail("secrets").contains("2 endpoints"), "\(both.checks)")
        }
    }

    @Test func `a connected account that has withdrawn its access is named`() async throws {
        try await StripeStandIn.with { stripe in
            stripe.change {
                $0.endpoints = [Self.endpoint(1), Self.endpoint(2)]
                $0.endpoints[1]["application"] = "ca_1"
            }
            let accounts = ["STRIPE_ACCOUNTS": "acct_1,acct_2"]
            #expect(try await doctor(stripe, accounts).faults == [])
            stripe.change { $0.revoked = ["acct_2"] }
            let found = try await doctor(stripe, accounts)
            #expect(found.faults == ["accounts"], "\(found.checks)")
            #expect(found.detail("accounts").contains("acct_2") && !found.detail("accounts").contains("acct_1"))
        }
    }

    @Test func `a clock that differs from Stripe's is a fault`() async throws {
        try await StripeStandIn.with { stripe in
            stripe.change {
                $0.endpoints = [Self.endpoint()]
                $0.clockOffset = 90
            }
            let found = try await doctor(stripe)
            #expect(
                found.faults == ["clock"] && found.detail("clock").contains("behind Stripe's"),
                "\(found.detail("clock"))")
        }
    }

    @Test func `what arrived, and what did not, is read from the database`() async throws {
        try await StripeStandIn.with { stripe in
            stripe.change { $0.endpoints = [Self.endpoint()] }
            let gone = try await doctor(stripe, ["DATABASE_URL": "host=127.0.0.1 port=1 dbname=none"])
            #expect(gone.faults == ["database"] && gone.isOK("endpoint") == true && gone.isOK("missed") == nil)
            try await TestDatabase.with { database in
                let environment = ["DATABASE_URL": database.url]
                let empty = try await doctor(stripe, environment)
                #expect(empty.faults == [] && empty.isOK("database_clock") == true, "\(empty.checks)")
                #expect(empty.isOK("deliveries") == nil && empty.isOK("missed") == nil)
                #expect(empty.detail("deliveries") == "not checked: no event has come yet")

                let hour = Int64(Date().timeIntervalSince1970) - 3600
                stripe.change {
                    $0.events = [["id": "evt_1", "type": "invoice.paid", "created": .integer(hour)]]
                }
                let silent = try await doctor(stripe, environment)
                #expect(silent.faults == ["deliveries"] && silent.detail("deliveries").contains("invoice.paid"))
                #expect(silent.advice("deliveries").contains("`a webhook was refused`"))

                let sessions = Database(database.source, connections: 1)
                _ = try await sessions.session {
                    try $0.executeScript(
                        """
                        INSERT INTO tollgate.event (id, source) VALUES ('evt_2', 'webhook'), ('evt_1', 'backfill');
                        INSERT INTO tollgate.event_work (event_id, status) VALUES ('evt_1', 'pending');
                        INSERT INTO tollgate.missed_event (event_id) VALUES ('evt_1')
                        """
                    ).count
                }
                // As long as nothing that Stripe has came by webhook.
                #expect(try await doctor(stripe, environment).faults == ["deliveries", "missed"])
                stripe.change {
                    $0.events.append(["id": "evt_2", "type": "invoice.paid", "created": .integer(hour + 60)])
                }
                let missed = try await doctor(stripe, environment)
                #expect(missed.faults == ["missed"] && missed.detail("missed").hasPrefix("1 in the last 24 hours"))
                #expect(missed.detail("missed").hasSuffix("; all were taken in, but 1 not processed"))
                #expect(missed.advice("missed").contains("tollgate events list --missed"))
                #expect(missed.detail("deliveries").hasPrefix("the last event came at 20"))
                _ = try await sessions.session {
                    try $0.executeScript("UPDATE tollgate.event_work SET status = 'processed'").count
                }
                let unmended = try await doctor(stripe, environment)
                #expect(unmended.faults == ["missed"])
                #expect(unmended.detail("missed").hasSuffix(", but no webhook has come since"))
                _ = try await sessions.session {
                    try $0.executeScript("INSERT INTO tollgate.event (id, source) VALUES ('evt_3', 'webhook')").count
                }
                try await sessions.shutdown()
                let processed = try await doctor(stripe, environment)
                #expect(processed.code == 0 && processed.isOK("missed") == true, "\(processed.checks)")
                #expect(processed.detail("missed").hasPrefix("1 in the last 24 hours, the last found at 20"))
                #expect(processed.detail("missed").hasSuffix("; all were taken in, and processed or dismissed"))
                // None that the endpoint's own secret signed.
                stripe.change { $0.endpoints[0]["created"] = .integer(hour + 86_400) }
                let before = try await doctor(stripe, environment)
                #expect(before.isOK("deliveries") == nil)
                #expect(before.detail("deliveries").contains("before the endpoint was made"))
            }
        }
    }

    @Test func `a ping is seen in the inbox, or its absence told`() async throws {
        try await StripeStandIn.with { stripe in
            try await TestDatabase.with { database in
                try await RunningServer.with(database.url) { server in
                    let address = "https://hooks.example.com/webhooks/stripe?version=2025-09-30.clover"
                    stripe.change {
                        $0.endpoints = [Self.endpoint()]
                        $0.destinations = [
                            [
                                "id": "ed_1", "type": "webhook_endpoint", "status": "enabled",
                                "webhook_endpoint": ["url": .string(address)],
                            ]
                        ]
                        $0.onPing = { id in
                            let event: JSON = [
                                "id": .string(id), "object": "v2.core.event", "livemode": false,
                                "type": "v2.core.event_destination.ping", "created": "2026-11-28T12:00:00.000Z",
                            ]
                            Task { _ = try await server.post(event.bytes, query: "?version=2025-09-30.clover") }
                        }
                    }
                    let environment = ["DATABASE_URL": database.url]
                    let arrived = try await doctor(stripe, environment)
                    #expect(
                        arrived.faults == [] && arrived.detail("ping").contains("ed_1 arrived"), "\(arrived.checks)")
                    stripe.change { $0.onPing = nil }
                    #expect(try await doctor(stripe, environment).faults == ["ping"])
                    stripe.change { $0.denied = ["/v2/core/event_destinations/ed_1/ping": "rak_webhook_write"] }
                    let denied = try await doctor(stripe, environment)
                    #expect(denied.faults == [] && denied.isOK("ping") == nil)
                    #expect(denied.advice("ping").contains("rak_webhook_write"))
                }
            }
        }
    }

    @Test func `without a key it ends with 78, and a wrong URL with 64`() async throws {
        #expect(try await Program.run(["stripe", "doctor"], environment: [:]).code == 78)
        #expect(try await Program.run(["stripe", "doctor", "--url", "hooks"], environment: [:]).code == 64)
    }
}
