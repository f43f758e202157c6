// SPDX-License-Identifier: Apache-2.0

import Billing
import Fetching
import Notation
import Stripe
import StripeAPI
import TestSupport
import Testing

/// The synthetic events that a refetch makes, and their ids.
@Suite struct RefetchEntryTests {
    private static let objects: [String: [String: JSON]] = [
        "sub_1": ["object": "subscription", "status": "active", "latest_invoice": .null],
        "ch_1": RefetchTests.charge("succeeded", made: 3, of: .null, ["disputed": true]),
        "du_1": ["object": "dispute", "status": "needs_response", "amount": 100, "charge": "ch_1"],
        "in_1": RefetchTests.invoice(
            "paid", ["paid_at": RefetchTests.time(RefetchTests.ago(3))],
            ["hosted_invoice_url": "https://invoice.stripe.com/i/1?s=ap"]),
    ]

    private static func refetched(
        _ changes: [String: [String: JSON]] = [:], account: String? = nil, asked: Timestamp = RefetchTests.asked
    ) throws -> Refetched {
        let all = objects.merging(changes) { $0.merging($1) { $1 } }
        return try RefetchTests.customer(account: account).play(against: RefetchTests.api(all), asked: asked)
    }

    private static func ids(_ refetched: Refetched, marker: String = "evt_1") -> Set<String> {
        Set(refetched.entries(marker: marker).map(\.id))
    }

    @Test func `an entry is an event that the inbox takes`() throws {
        let refetched = try Self.refetched(account: "acct_1")
        #expect(refetched.entries(marker: "evt_1").count == 4)
        for entry in refetched.entries(marker: "evt_1") {
            let envelope = try Event.Envelope(payload: entry.payload)
            #expect(envelope.id == entry.id)
            #expect(entry.id.wholeMatch(of: /refetch_[0-9a-f]{64}/) != nil)
            #expect(envelope.account == "acct_1")
            #expect(envelope.livemode == true)
            #expect(envelope.apiVersion == StripeClient.version)
            #expect(envelope.created <= RefetchTests.asked)
        }
        let own = try Self.refetched().entries(marker: "evt_1")
        #expect(try own.allSatisfy { try Event.Envelope(payload: $0.payload).account == nil })
    }

    @Test func `an object without a mode has the key's`() throws {
        for livemode in [true, false] {
            let refetch = Refetch(
                customer: "cus_1", account: nil, livemode: livemode, since: RefetchTests.since)
            var api = StripeObjects()
            api.put("cus_1", ["object": "customer", "deleted": true, "livemode": .null], now: RefetchTests.asked)
            let events = try refetch.play(against: api, asked: RefetchTests.asked).events()
            #expect(events.map { $0["livemode"] } == [.bool(livemode)])
        }
    }

    @Test func `the same state twice is one entry, whenever it is asked and however its URLs are signed`() throws {
        let (first, later) = (try Self.refetched(), RefetchTests.asked + .seconds(60))
        let again = try Self.refetched(
            ["in_1": ["hosted_invoice_url": "https://invoice.stripe.com/i/1?s=other"]], asked: later)
        #expect(Self.ids(first) == Self.ids(again))
        #expect(first.state == again.state)
        #expect(
            try Self.refetched(account: "acct_1").entries(marker: "evt_1").map(\.id).allSatisfy {
                !Self.ids(first).contains($0)
            })
    }

    @Test func `another state is another entry`() throws {
        let first = try Self.refetched()
        for change in [
            ["sub_1": ["status": "past_due"]], ["du_1": ["status": "won"]], ["ch_1": ["amount_refunded": 1]],
            ["in_1": ["amount_paid": 1]],
        ] as [[String: [String: JSON]]] {
            let next = try Self.refetched(change)
            #expect(Self.ids(first).intersection(Self.ids(next)).count == 3)
            #expect(first.state != next.state)
        }
    }

    /// Paused, resumed and paused again is three entries. What only grows needs no second one.
    @Test func `after another event only what may come back is a new entry`() throws {
        let refetched = try Self.refetched()
        let new = refetched.entries(marker: "evt_2").filter { !Self.ids(refetched).contains($0.id) }
        let types = try new.map { try Event.Envelope(payload: $0.payload).type }
        #expect(Set(types) == ["customer.subscription.updated", "charge.dispute.updated"])
    }

    @Test func `an event that happens after the asking is newer, one that came before is older`() throws {
        let entry = try #require(
            try Self.refetched(["sub_1": ["status": "paused"]]).events().first {
                $0["type"] == "customer.subscription.updated"
            })
        func event(_ seconds: Int64) -> JSON {
            let object: JSON = ["id": "sub_1", "customer": "cus_1", "status": "active"]
            return Events.event(
                "customer.subscription.updated", id: "evt_1", created: RefetchTests.asked + .seconds(seconds),
                object: object)
        }
        for order in [[entry, event(1)], [event(1), entry]] {
            var receiver = Receiver()
            for event in order { try receiver.take(event) }
            #expect(receiver.account("cus_1").decide(at: RefetchTests.asked, policy: receiver.policy).allowed)
        }
        for order in [[entry, event(-1)], [event(-1), entry]] {
            var receiver = Receiver()
            for event in order { try receiver.take(event) }
            #expect(!receiver.account("cus_1").decide(at: RefetchTests.asked, policy: receiver.policy).allowed)
        }
    }
}
