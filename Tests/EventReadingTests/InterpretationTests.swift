// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import Stripe
import TestSupport
import Testing

@testable import EventReading

@Suite struct InterpretationTests {
    static let policy = Policy(livemode: true, gracePeriod: .seconds(72 * 3600))

    static func reading(_ json: JSON, _ policy: Policy = policy) throws -> Interpretation {
        try Interpretation(try Event(json: json), policy: policy)
    }

    @Test func `events of the other mode are ignored, whatever their type`() throws {
        let test = Events.invoice("invoice.paid", id: "evt_1", livemode: false)
        #expect(try Self.reading(test) == .ignored(.wrongMode))
        #expect(try Self.reading(test, Policy(livemode: false)) != .ignored(.wrongMode))
        let unhandled = Events.event("customer.created", id: "evt_1", livemode: false, object: [:])
        #expect(try Self.reading(unhandled) == .ignored(.wrongMode))
    }

    @Test func `events of a connected account count only where it is listed`() throws {
        let foreign = Events.invoice("invoice.paid", id: "evt_1", account: "acct_1")
        #expect(try Self.reading(foreign) == .ignored(.foreignAccount))
        guard case .facts = try Self.reading(foreign, Policy(connectedAccounts: ["acct_1"])) else {
            Issue.record("a listed account's event was not read")
            return
        }
    }

    @Test func `types that no rule wants are ignored, with or without an object`() throws {
        #expect(
            try Self.reading(Events.event("customer.updated", id: "evt_1", object: [:])) == .ignored(.unhandledType))
        let thin: JSON = [
            "id": "evt_1", "object": "v2.core.event", "type": "v1.billing.meter.no_meter_found",
            "created": "2026-11-24T00:00:00.123Z", "livemode": true,
            "related_object": ["id": "mtr_1", "type": "billing.meter", "url": "/v1/billing/meters/mtr_1"],
        ]
        #expect(try Self.reading(thin) == .ignored(.unhandledType))
    }

    @Test func `sessions that are no payment are ignored, those that are not paid yet are kept`() throws {
        #expect(try Self.reading(Events.checkout(id: "evt_1", mode: "subscription")) == .ignored(.notAPayment))
        guard case .facts(_, .unpaid) = try Self.reading(Events.checkout(id: "evt_1", paymentStatus: "unpaid")) else {
            Issue.record("an unpaid session was not kept")
            return
        }
    }

    @Test func `wanted types with unusable data name the field`() throws {
        func failure(_ json: JSON) -> String? {
            do {
                _ = try Self.reading(json)
                return nil
            } catch {
                return "\(error)"
            }
        }
        #expect(
            failure(Events.event("invoice.paid", id: "evt_1", object: ["customer": "cus_1"]))
                == "data.object.id is missing")
        #expect(
            failure(Events.event("invoice.paid", id: "evt_1", object: ["id": "in_1"]))
                == "data.object.customer is missing")
        #expect(
            failure(Events.event("invoice.paid", id: "evt_1", object: ["id": "in_1", "customer": "cus 1"]))
                == #"data.object.customer is no id: "cus 1""#)
        var noObject = Events.invoice("invoice.paid", id: "evt_1").object ?? [:]
        noObject["data"] = nil
        #expect(failure(.object(noObject)) == "data.object is missing")
        noObject["livemode"] = nil
        #expect(failure(.object(noObject)) == "livemode is missing")
    }

    @Test(
        arguments: [
            ["parent": ["subscription_details": ["subscription": "sub_1"]]],
            ["parent": ["subscription_details": ["subscription": ["id": "sub_1", "object": "subscription"]]]],
            ["subscription": "sub_1"],
            ["subscription": ["id": "sub_1"]],
            ["lines": ["data": [["parent": ["subscription_item_details": ["subscription": "sub_1"]]]]]],
            ["lines": ["data": [["subscription": "sub_1"]]]],
        ] as [JSON]) func `every API version's path to an invoice's subscription is read`(_ fields: JSON) throws
    {
        var object = fields.object ?? [:]
        object["id"] = "in_1"
        object["customer"] = ["id": "cus_1", "object": "customer"]
        let reading = try Self.reading(Events.event("invoice.paid", id: "evt_1", object: .object(object)))
        guard case .facts(let facts, _) = reading, case .invoice(let customer, let invoice, _) = facts.first else {
            Issue.record("no invoice: \(reading)")
            return
        }
        #expect(customer == "cus_1")
        #expect(invoice.subscription == "sub_1")
    }

    @Test func `a payment without credits or without a customer is taken in, and says what it lacks`() throws {
        func remark(_ json: JSON) throws -> Interpretation.Remark? {
            guard case .facts(_, let remark) = try Self.reading(json) else { return nil }
            return remark
        }
        #expect(try remark(Events.checkout(id: "evt_1", credits: .null)) == .noCredits)
        #expect(try remark(Events.paymentIntent(id: "evt_1", customer: .null, credits: .null)) == .noCredits)
        #expect(try remark(Events.checkout(id: "evt_1", customer: .null)) == .noCustomer)
        #expect(try remark(Events.checkout(id: "evt_1")) == nil)
    }

    @Test func `a dispute of the oldest versions, without an id, is its charge's`() throws {
        let object: JSON = ["object": "dispute", "charge": "ch_1", "amount": 1000, "status": "won"]
        let reading = try Self.reading(Events.event("charge.dispute.closed", id: "evt_1", object: object))
        guard case .facts(let facts, _) = reading, case .purchase(let purchase) = facts.first else {
            Issue.record("no dispute: \(reading)")
            return
        }
        #expect(purchase.disputes.keys.map(\.self) == ["ch_1"])
    }

    /// The items of a subscription, and which prices of theirs are read.
    @Test(
        arguments: [
            (["items": ["data": [["price": ["id": "price_1"]], ["price": "price_2"]]]], ["price_1", "price_2"]),
            // Before there were prices.
            (["items": ["data": [["plan": ["id": "gold.monthly", "object": "plan"]]]]], ["gold.monthly"]),
            (["items": ["data": [["price": .null, "plan": ["id": "gold"]]]]], ["gold"]),
            (["items": ["data": [["price": ["id": "price_1"], "plan": ["id": "plan_1"]]]]], ["price_1"]),
            // What no plan can name is left out, and harms nothing else.
            (
                ["items": ["data": [["price": ["id": "a b"]], ["price": 5], [:], ["price": ["id": "price_2"]]]]],
                ["price_2"]
            ),
            (["items": ["data": [["price": ["id": "a\u{0}"]]]]], nil), (["items": ["data": []]], nil), ([:], nil),
        ] as [(JSON, [String]?)])
    func `a subscription's prices are those of its items`(_ fields: JSON, _ prices: [String]?) throws {
        var object = fields.object ?? [:]
        object["id"] = "sub_1"
        object["customer"] = "cus_1"
        object["status"] = "active"
        let event = Events.event("customer.subscription.updated", id: "evt_1", object: .object(object))
        guard case .facts(let facts, _) = try Self.reading(event), case .subscription(_, let read, _) = facts.first
        else {
            Issue.record("no subscription was read")
            return
        }
        #expect(read.prices?.ids == prices)
        #expect(read.prices?.second == (prices == nil ? nil : Events.midnight))
    }
}
