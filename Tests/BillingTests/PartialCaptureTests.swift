// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import TestSupport
import Testing

/// If less is captured than was authorised, Stripe releases the rest, and may record that as a refund: it takes back no
/// credits. Other refunds take credits in proportion to the captured amount, in every order of the events.
@Suite struct PartialCaptureTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let events: [JSON]
        /// How many of 500 remain.
        let credits: Int64
        var testDescription: String { name }
    }

    // 1000 are authorised, 600 captured, 400 released.
    static let session = Events.checkout(id: "evt_session", paymentStatus: "unpaid")
    static let intent = Events.paymentIntent(
        id: "evt_intent", credits: .null, ["amount": 1000, "amount_received": 600, "latest_charge": "ch_1"])

    static func charge(
        _ type: String = "charge.refunded",
        id: String = "evt_charge",
        refunded: Int64,
        _ members: [String: JSON] = [:]
    ) -> JSON {
        let captured: [String: JSON] = [
            "amount_captured": 600, "captured": true, "status": "succeeded", "refunded": false,
        ]
        return Events.charge(type, id: id, refunded: refunded, captured.merging(members) { $1 })
    }

    static func refund(_ number: Int, _ amount: Int64, status: JSON = "succeeded", charge: JSON = "ch_1") -> JSON {
        Events.refund(
            id: "evt_refund_\(number)", refund: "re_\(number)", amount: amount, status: status, charge: charge)
    }

    static let booked = [
        Row(name: "the release is a cumulative amount", events: [charge(refunded: 400)], credits: 500),
        Row(name: "the release is a refund", events: [refund(1, 400)], credits: 500),
        Row(name: "the release is a refund of the intent", events: [refund(1, 400, charge: .null)], credits: 500),
        Row(name: "the release is both", events: [charge(refunded: 400), refund(1, 400)], credits: 500),
        Row(
            name: "the release is a refund in the charge of an old version",
            events: [
                Events.paymentIntent(
                    id: "evt_1", credits: .null,
                    [
                        "amount": 1000, "amount_received": 600,
                        "charges": [
                            "data": [
                                [
                                    "id": "ch_1", "amount": 1000, "amount_captured": 600, "amount_refunded": 400,
                                    "refunds": ["data": [["id": "re_1", "amount": 400, "status": "succeeded"]]],
                                ]
                            ]
                        ],
                    ])
            ], credits: 500),
        Row(
            name: "a refund after it, as a cumulative amount",
            events: [charge(id: "evt_1", refunded: 400), charge(id: "evt_2", refunded: 700)], credits: 250),
        Row(name: "a refund after it, by itself", events: [refund(2, 300)], credits: 250),
        Row(name: "both refunds", events: [refund(1, 400), refund(2, 300)], credits: 250),
        Row(
            name: "both refunds, and the cumulative amount",
            events: [refund(1, 400), refund(2, 300), charge(refunded: 700)], credits: 250),
        Row(
            name: "a refund of as much as was released",
            events: [refund(1, 400), refund(2, 400), charge(refunded: 800)], credits: 167),
        Row(name: "a refund of all", events: [charge(refunded: 1000, ["refunded": true])], credits: 0),
        Row(
            name: "a refund that failed",
            events: [refund(1, 400), refund(2, 300, status: "failed"), charge(refunded: 700)], credits: 500),
    ]

    static let unbooked = [
        Row(name: "nothing tells of the release", events: [], credits: 500),
        Row(
            name: "a refund of as much as was released, which the capture shows to be one",
            events: [charge("charge.captured", id: "evt_1", refunded: 0), refund(1, 400), charge(refunded: 400)],
            credits: 167),
        Row(
            name: "the same, by the cumulative amount alone",
            events: [charge("charge.captured", id: "evt_1", refunded: 0), charge(refunded: 400)], credits: 167),
        Row(name: "less than was released", events: [charge(refunded: 300)], credits: 250),
        Row(name: "a refund in full", events: [charge(refunded: 600, ["refunded": true])], credits: 0),
        Row(
            name: "more than was released, which the refund says better than the cumulative amount",
            events: [refund(1, 450), charge(refunded: 450)], credits: 125),
    ]

    static let others = [
        Row(name: "a dispute of what was captured", events: [Events.dispute(id: "evt_1", amount: 600)], credits: 0),
        Row(
            name: "a dispute of half of it, beside the release",
            events: [Events.dispute(id: "evt_1", amount: 300), charge(refunded: 400), refund(1, 400)], credits: 250),
        Row(
            name: "a charge that failed before",
            events: [
                Events.charge(
                    "charge.updated", id: "evt_1", charge: "ch_0",
                    ["captured": false, "amount_captured": 0, "status": "failed"]), charge(refunded: 400),
                refund(1, 400),
            ], credits: 500),
        Row(
            name: "only authorised at first",
            events: [
                Events.charge(
                    "charge.succeeded", id: "evt_1",
                    ["captured": false, "amount_captured": 0, "status": "succeeded"]), charge(refunded: 400),
            ], credits: 500),
        Row(
            name: "captured in parts, the last of which released nothing",
            events: [
                charge("charge.captured", id: "evt_1", refunded: 0, ["amount_captured": 300]),
                Events.paymentIntent(id: "evt_2", credits: .null, ["amount": 1000, "amount_received": 1000]),
                refund(1, 500),
            ], credits: 250),
    ]

    @Test(arguments: booked + unbooked + others)
    func `what was released was not refunded`(_ row: Row) throws {
        for events in permutations([Self.session, Self.intent] + row.events) {
            #expect(try World(events + events).account.balance.credits == row.credits)
        }
    }

    /// The numbers are from a public report, woocommerce-gateway-stripe #1073.
    @Test func `a capture of 203.00 out of 206.75 keeps all credits`() throws {
        let events = [
            Events.checkout(
                id: "evt_1", credits: "1000", paymentStatus: "unpaid", ["amount_total": 20675]),
            Events.paymentIntent(
                id: "evt_2", credits: .null,
                ["amount": 20675, "amount_received": 20300, "latest_charge": "ch_1"]),
            Self.charge(id: "evt_3", refunded: 375, ["amount": 20675, "amount_captured": 20300]),
            Self.refund(1, 375),
        ]
        for events in permutations(events) { #expect(try World(events).account.balance.credits == 1000) }
    }

    @Test func `no amount of a partial capture overflows`() throws {
        let intent = Events.paymentIntent(
            id: "evt_1", credits: .null,
            ["amount": .integer(.max), "amount_received": 1, "latest_charge": "ch_1"])
        let most: [String: JSON] = ["amount": .integer(.max), "amount_captured": 1, "amount_refunded": .integer(.max)]
        let other = Events.charge(id: "evt_3", charge: "ch_2", most)
        for events in permutations([Self.session, intent, Self.charge(refunded: 0, most), other]) {
            #expect((0...500).contains(try World(events).account.balance.credits))
        }
    }
}
