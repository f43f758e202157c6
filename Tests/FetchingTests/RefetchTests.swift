// SPDX-License-Identifier: Apache-2.0

import Billing
import Fetching
import Notation
import StripeAPI
import TestSupport
import Testing

/// What a refetch asks for, and what it makes of the answers.
@Suite struct RefetchTests {
    static let asked = Events.midnight
    static let since = asked - .seconds(35 * 86_400)
    static func ago(_ days: Int64) -> Timestamp { asked - .seconds(days * 86_400) }

    static func customer(_ named: [String] = [], account: String? = nil) -> Refetch {
        Refetch(customer: "cus_1", account: account, livemode: true, since: since, named: named)
    }

    /// An API with a customer, and what belongs to it.
    static func api(_ objects: [String: [String: JSON]] = [:]) -> StripeObjects {
        var api = StripeObjects()
        api.put("cus_1", ["object": "customer"], now: ago(100))
        for (id, members) in objects { api.put(id, ["customer": "cus_1"].merging(members) { $1 }, now: ago(1)) }
        return api
    }

    static func time(_ timestamp: Timestamp) -> JSON { .integer(timestamp.seconds) }

    /// An invoice that was charged some days ago.
    static func invoice(
        _ status: JSON, made days: Int64 = 10, _ transitions: [String: JSON] = [:], _ members: [String: JSON] = [:]
    ) -> [String: JSON] {
        let times: [String: JSON] = ["finalized_at": time(ago(days))]
        return [
            "object": "invoice", "status": status, "created": time(ago(days)), "amount_paid": 0,
            "billing_reason": "subscription_cycle", "collection_method": "charge_automatically", "attempted": true,
            "attempt_count": 1, "lines": ["data": [], "has_more": false],
            "parent": ["subscription_details": ["subscription": "sub_1"]],
            "status_transitions": .object(times.merging(transitions) { $1 }),
        ].merging(members) { $1 }
    }

    static func link(_ intent: String = "pi_1", status: JSON = "open") -> [String: JSON] {
        [
            "object": "invoice_payment", "invoice": "in_1", "status": status,
            "payment": ["type": "payment_intent", "payment_intent": .string(intent)],
        ]
    }

    static func intent(_ status: JSON, made days: Int64 = 10, _ members: [String: JSON] = [:]) -> [String: JSON] {
        [
            "object": "payment_intent", "status": status, "created": time(ago(days)), "amount": 1000,
            "amount_received": 1000, "metadata": [:],
        ].merging(members) { $1 }
    }

    static func charge(
        _ status: JSON, made days: Int64, of intent: JSON = "pi_1", _ members: [String: JSON] = [:]
    ) -> [String: JSON] {
        [
            "object": "charge", "status": status, "captured": .bool(status == "succeeded"), "amount": 1000,
            "amount_captured": 1000, "amount_refunded": 0, "payment_intent": intent, "created": time(ago(days)),
        ].merging(members) { $1 }
    }

    /// The types of the entries, and how many days ago they say it was.
    static func said(_ api: StripeObjects, _ refetch: Refetch = customer()) throws -> [String] {
        try refetch.play(against: api, asked: asked).events().map { event in
            let seconds = asked.seconds - (event["created"]?.integer ?? 0)
            return "\(event["type"]?.string ?? "") \(seconds / 86_400)"
        }.sorted()
    }

    @Test func `an event knows better than a charge when an invoice failed`() throws {
        let api = Self.api([
            "in_1": Self.invoice("open"), "inpay_1": Self.link(), "pi_1": Self.intent("requires_payment_method"),
            "ch_1": Self.charge("failed", made: 9),
        ])
        #expect(try Self.said(api).contains("invoice.payment_failed 9"))
        let known = Refetch(
            customer: "cus_1", account: nil, livemode: true, since: Self.since, named: ["in_1"], failed: ["in_1"])
        #expect(try Self.said(api, known).contains { $0.hasPrefix("invoice.") } == false)
    }

    @Test func `what was given up long ago is no news, and what is asked for by itself brings no payments`() throws {
        let api = Self.api([
            "in_1": Self.invoice("uncollectible", made: 700, ["marked_uncollectible_at": Self.time(Self.ago(690))]),
            "pi_2": Self.intent("succeeded"), "ch_2": Self.charge("succeeded", made: 10, of: "pi_2"),
        ])
        #expect(try Self.said(api) == ["charge.succeeded 10", "payment_intent.succeeded 10"])
        let byItself = Refetch(
            customer: "cus_1", account: nil, livemode: true, since: Self.since, bringsSales: false)
        #expect(try Self.said(api, byItself).isEmpty)
    }

    @Test func `where links cannot be read, neither an invoice nor a payment is told`() throws {
        let api = Self.api([
            "in_1": Self.invoice("paid", ["paid_at": Self.time(Self.ago(9))], ["amount_paid": 1000]),
            "inpay_1": Self.link(status: "paid"), "pi_1": Self.intent("succeeded"),
            "ch_1": Self.charge("succeeded", made: 9),
        ])
        #expect(try Self.said(api).count == 3)
        let refetched = try Self.customer().play(
            against: api, asked: Self.asked, errors: ["/v1/invoice_payments": .notPermitted(permission: nil)])
        #expect(refetched.omissions.contains(.links))
        #expect(try refetched.events().isEmpty)
    }

    // MARK: When an invoice failed

    @Test func `a debt begins with the first charge that failed, however often it was tried again`() throws {
        let objects: [String: [String: JSON]] = [
            "in_1": Self.invoice("open", ["attempt_count": 3]), "inpay_1": Self.link(),
            "pi_1": Self.intent("requires_payment_method"), "ch_1": Self.charge("failed", made: 7),
            "ch_2": Self.charge("failed", made: 9), "ch_3": Self.charge("failed", made: 1),
        ]
        #expect(try Self.said(Self.api(objects)) == ["invoice.payment_failed 9"])
        // Older than what is listed.
        var old = objects
        old["in_1"] = Self.invoice("open", made: 50)
        old["pi_1"]?["created"] = Self.time(Self.ago(50))
        old["ch_2"]?["created"] = Self.time(Self.ago(49))
        #expect(try Self.said(Self.api(old)) == ["invoice.payment_failed 49"])
    }

    @Test func `a debt without a charge begins when it was finalised, never when it was asked for`() throws {
        let waiting: [String: [String: JSON]] = [
            "in_1": Self.invoice("open"), "inpay_1": Self.link(), "pi_1": Self.intent("requires_action"),
        ]
        #expect(try Self.said(Self.api(waiting)) == ["invoice.payment_failed 10"])
        var noTransition = waiting
        noTransition["in_1"]?["status_transitions"] = ["finalized_at": .null]
        #expect(try Self.said(Self.api(noTransition)) == ["invoice.payment_failed 10"])
    }

    /// A bank takes days; what may be under way is no debt; and what was sent is due later.
    private static let open: [[String: [String: JSON]]] = [
        ["in_1": invoice("open"), "inpay_1": link(), "pi_1": intent("processing")],
        [
            "in_1": invoice("open"), "inpay_1": link(), "pi_1": intent("processing"),
            "ch_1": charge("pending", made: 9),
        ],
        ["in_1": invoice("open"), "inpay_1": link("pi_unknown")],
        ["in_1": invoice("open", [:], ["attempted": false, "attempt_count": 0])],
        ["in_1": invoice("draft")],
        [
            "in_1": invoice(
                "open", [:], ["collection_method": "send_invoice", "due_date": time(asked + .seconds(1))])
        ],
        ["in_1": invoice("open", [:], ["collection_method": "send_invoice"])],
    ]

    @Test(arguments: open)
    func `an invoice that is open, but not failed, is no debt`(_ objects: [String: [String: JSON]]) throws {
        let said = try Self.said(Self.api(objects))
        #expect(said.filter { $0.hasPrefix("invoice") } == [])
    }

    @Test func `an invoice that was sent is a debt from when it was due`() throws {
        func api(_ due: Timestamp) -> StripeObjects {
            let mailed: [String: JSON] = [
                "collection_method": "send_invoice", "due_date": Self.time(due), "attempted": false,
                "attempt_count": 0,
            ]
            return Self.api(["in_1": Self.invoice("open", [:], mailed)])
        }
        #expect(try Self.said(api(Self.ago(4))) == ["invoice.overdue 4"])
        #expect(try Self.said(api(Self.asked)) == ["invoice.overdue 0"])
        #expect(try Self.said(api(Self.asked + .seconds(1))) == [])
    }

    @Test func `what was paid late says that it had failed, and when it was paid`() throws {
        let paid = Self.invoice("paid", ["paid_at": Self.time(Self.ago(5))], ["amount_paid": 1000])
        let tried: [String: [String: JSON]] = [
            "in_1": paid, "inpay_1": Self.link(status: "paid"), "pi_1": Self.intent("succeeded"),
            "ch_1": Self.charge("failed", made: 8), "ch_2": Self.charge("succeeded", made: 5),
        ]
        #expect(
            try Self.said(Self.api(tried))
                == ["charge.succeeded 5", "invoice.paid 5", "invoice.payment_failed 8", "payment_intent.succeeded 5"])
        let mailed = paid.merging(["collection_method": "send_invoice", "due_date": Self.time(Self.ago(6))]) { $1 }
        let inTime = mailed.merging(["due_date": Self.time(Self.ago(5))]) { $1 }
        #expect(try Self.said(Self.api(["in_1": mailed])) == ["invoice.overdue 6", "invoice.paid 5"])
        #expect(try Self.said(Self.api(["in_1": inTime])) == ["invoice.paid 5"])
    }

    @Test func `what was given up on stays a debt if it had failed`() throws {
        let given = Self.invoice("uncollectible", ["marked_uncollectible_at": Self.time(Self.ago(3))])
        let tried: [String: [String: JSON]] = [
            "in_1": given, "inpay_1": Self.link(), "pi_1": Self.intent("requires_payment_method"),
            "ch_1": Self.charge("failed", made: 9),
        ]
        #expect(
            try Self.said(Self.api(tried)) == ["invoice.marked_uncollectible 3", "invoice.payment_failed 9"])
        // Collection was paused, and so it was never tried.
        let paused = given.merging(["attempted": false, "attempt_count": 0]) { $1 }
        #expect(try Self.said(Self.api(["in_1": paused])) == ["invoice.marked_uncollectible 3"])
        let void = Self.invoice("void", ["voided_at": Self.time(Self.ago(2))])
        #expect(try Self.said(Self.api(["in_1": void])) == ["invoice.voided 2"])
    }

    // MARK: What is asked for

    @Test func `old invoices count if they are open, named, or of a period that runs`() throws {
        let old = Self.invoice("paid", made: 200, ["paid_at": Self.time(Self.ago(200))])
        #expect(try Self.said(Self.api(["in_1": old])) == [])
        #expect(try Self.said(Self.api(["in_1": old]), Self.customer(["in_1"])) == ["invoice.paid 200"])
        let subscription: [String: JSON] = ["object": "subscription", "status": "active", "latest_invoice": "in_1"]
        #expect(
            try Self.said(Self.api(["in_1": old, "sub_1": subscription]))
                == ["customer.subscription.updated 0", "invoice.paid 200"])
        let late = Self.invoice("paid", made: 200, ["paid_at": Self.time(Self.ago(1))])
        #expect(try Self.said(Self.api(["in_1": late])) == ["invoice.paid 1"])
        let open = Self.invoice("open", made: 200, [:], ["payment_intent": .null])
        #expect(try Self.said(Self.api(["in_1": open])) == ["invoice.payment_failed 200"])
    }

    @Test func `objects that the books name are read whatever their age, and what belongs to them`() throws {
        let objects: [String: [String: JSON]] = [
            "cs_1": [
                "object": "checkout.session", "customer": .null, "mode": "payment", "status": "complete",
                "payment_status": "paid", "payment_intent": "pi_1", "invoice": .null, "amount_total": 1000,
                "created": Self.time(Self.ago(90)), "metadata": ["credits": "500"],
            ],
            "pi_1": Self.intent("succeeded", made: 90, ["customer": .null, "latest_charge": "ch_1"]),
            "ch_1": Self.charge(
                "succeeded", made: 90, ["customer": .null, "disputed": true, "amount_refunded": 400]),
            "re_1": [
                "object": "refund", "status": "succeeded", "amount": 400, "charge": "ch_1", "payment_intent": "pi_1",
            ],
            "du_1": ["object": "dispute", "status": "needs_response", "amount": 100, "charge": "ch_1"],
        ]
        let whole = [
            "charge.dispute.updated 0", "charge.refunded 90", "checkout.session.completed 90",
            "payment_intent.succeeded 90",
        ]
        #expect(try Self.said(Self.api(objects)) == [])
        #expect(try Self.said(Self.api(objects), Self.customer(["cs_1"])) == whole)
        for id in ["cs_1", "pi_1", "ch_1", "re_1", "du_1"] {
            let kind = try #require(ObjectKind(id: id))
            let said = try Self.said(Self.api(objects), Refetch(kind, id: id, account: nil, livemode: true))
            #expect(said == whole, "by \(id)")
        }
    }

    @Test func `a payment by itself leads to the invoice that it pays, and the other way round`() throws {
        let objects: [String: [String: JSON]] = [
            "in_1": Self.invoice("paid", ["paid_at": Self.time(Self.ago(5))], ["amount_paid": 1000]),
            "inpay_1": Self.link(status: "paid"), "pi_1": Self.intent("succeeded", ["latest_charge": "ch_1"]),
            "ch_1": Self.charge("succeeded", made: 5),
        ]
        for id in ["in_1", "pi_1", "ch_1", "inpay_1"] {
            let kind = try #require(ObjectKind(id: id))
            let refetch = Refetch(kind, id: id, account: nil, livemode: true)
            let events = try refetch.play(against: Self.api(objects), asked: Self.asked).events()
            #expect(events.count == 3, "by \(id)")
            let invoice = events.first { $0["type"] == "invoice.paid" }
            #expect(invoice?.at("data.object.payments.data")?[0]?.at("payment.payment_intent") == "pi_1")
        }
    }

    @Test func `a customer who was deleted is`() throws {
        #expect(try Self.said(Self.api(["cus_1": ["deleted": true]])) == ["customer.deleted 0"])
    }

    @Test func `a subscription says how it stands now`() throws {
        for (status, type) in [("past_due", "updated"), ("incomplete_expired", "updated"), ("canceled", "deleted")] {
            let api = Self.api(["sub_1": ["object": "subscription", "status": .string(status)]])
            #expect(try Self.said(api) == ["customer.subscription.\(type) 0"])
        }
    }

    /// A mock of Stripe knows no list of a customer's PaymentIntents, and no Checkout at all.
    @Test func `where a list is refused, what is named elsewhere is read by itself`() throws {
        let objects: [String: [String: JSON]] = [
            "pi_1": Self.intent("succeeded", made: 3), "ch_1": Self.charge("succeeded", made: 3),
        ]
        let refused = StripeAPIError.refused(status: 400, code: nil, parameter: nil, request: nil)
        let refetched = try Self.customer().play(
            against: Self.api(objects), asked: Self.asked,
            errors: ["/v1/payment_intents": refused, "/v1/checkout/sessions": .notFound])
        #expect(refetched.omissions == [])
        #expect(
            Set(try refetched.events().map { $0["type"] }) == ["payment_intent.succeeded", "charge.succeeded"])
    }

    @Test func `another object than was asked for is not taken`() throws {
        var refetch = Refetch(.invoice, id: "in_1", account: nil, livemode: true)
        for other: JSON in [["id": "in_2", "object": "invoice"], ["object": "invoice"], []] {
            #expect(throws: StripeAPIError.self) { try refetch.take(.success(other), asked: Self.asked) }
        }
        guard case .send = refetch.next() else {
            Issue.record("it is not asked for again")
            return
        }
    }

    @Test func `more than ten pages are not read, and it says so`() throws {
        var many: [String: [String: JSON]] = [:]
        for number in 0..<21 { many["sub_\(number)"] = ["object": "subscription", "status": "active"] }
        let refetched = try Self.customer().play(against: Self.api(many), asked: Self.asked, pageSize: 2)
        #expect(refetched.omissions == [.tooMany(.subscription)])
        #expect(try refetched.events().count == 20)
        many["sub_20"] = nil
        #expect(try Self.customer().play(against: Self.api(many), asked: Self.asked, pageSize: 2).omissions == [])
    }

    @Test func `requests have an end, and it says so`() throws {
        var many: [String: [String: JSON]] = [:]
        let names = (0..<600).map { "in_\($0)" }
        for name in names { many[name] = Self.invoice("paid") }
        var count = 0
        let refetched = try Self.customer(names).play(against: Self.api(many), asked: Self.asked) { _ in count += 1 }
        #expect(refetched.omissions.contains(.tooMuch(requests: 500)))
        #expect(count == 500)
    }

    @Test func `what may not be read is said, and the rest is read`() throws {
        let objects: [String: [String: JSON]] = [
            "in_1": Self.invoice("open"), "inpay_1": Self.link(), "pi_1": Self.intent("requires_payment_method"),
            "ch_1": Self.charge("failed", made: 9),
            "sub_1": ["object": "subscription", "status": "past_due", "latest_invoice": "in_1"],
        ]
        let lacking = StripeAPIError.notPermitted(permission: "rak_charge_read")
        let refetched = try Self.customer().play(
            against: Self.api(objects), asked: Self.asked, errors: ["/v1/charges": lacking])
        #expect(refetched.omissions == [.refused(.charge, lacking)])
        // Nobody knows when it failed first, so it is not said that it failed.
        #expect(try refetched.events().map { $0["type"] } == ["customer.subscription.updated"])
    }

    @Test(arguments: [
        StripeAPIError.keyRefused, .accountRefused, .limited(reason: nil), .unavailable("away"), .unreadable("html"),
    ]) func `what stops it is thrown, and asked for again`(_ error: StripeAPIError) throws {
        var refetch = Self.customer()
        _ = refetch.next()
        #expect(throws: error) { try refetch.take(.failure(error), asked: Self.asked) }
        #expect(throws: StripeAPIError.self) { try refetch.take(.success(["object": "list"]), asked: Self.asked) }
        #expect(try refetch.play(against: Self.api(), asked: Self.asked).omissions == [])
    }

    @Test func `a list that begins anew is not followed`() throws {
        var refetch = Self.customer()
        _ = refetch.next()
        try refetch.take(.success(["id": "cus_1", "object": "customer"]), asked: Self.asked)
        let page: JSON = ["data": [["id": "sub_1", "object": "subscription"]], "has_more": true]
        _ = refetch.next()
        try refetch.take(.success(page), asked: Self.asked)
        _ = refetch.next()
        #expect(throws: StripeAPIError.self) { try refetch.take(.success(page), asked: Self.asked) }
        #expect(throws: StripeAPIError.self) {
            try refetch.take(.success(["data": [], "has_more": true]), asked: Self.asked)
        }
    }
}
