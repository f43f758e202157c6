// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import TestSupport
import Testing

/// A refund takes back credits in proportion to what was paid for them: a fee, a tax or another line does not change
/// that.
@Suite struct ShareTests {
    private static let session = Events.checkout(
        id: "evt_1", ["amount_total": 530, "metadata": ["credits": "500", "credits_amount": "500"]])
    private static let intent = Events.paymentIntent(id: "evt_2", credits: .null, ["amount_received": 530])

    private static func invoice(_ lines: JSON..., paid: Int64, _ members: [String: JSON] = [:]) -> JSON {
        let own: [String: JSON] = ["lines": ["data": .array(lines)], "amount_paid": .integer(paid)]
        return Events.invoice(
            "invoice.paid", id: "evt_1", subscription: nil, billingReason: "manual", own.merging(members) { $1 })
    }

    private static let link = Events.invoicePayment(id: "evt_link")

    private func credits(_ events: [JSON], refund: Int64, prices: [String: Price] = [:]) throws -> Set<Int64> {
        let refund = Events.refund(id: "evt_refund", amount: refund, charge: .null)
        return Set(try permutations(events + [refund]).map { try World($0, prices: prices).account.balance.credits })
    }

    @Test func `metadata says what of the payment bought the credits`() throws {
        #expect(try credits([Self.session, Self.intent], refund: 500) == [0])
        #expect(try credits([Self.session, Self.intent], refund: 530) == [0])
        #expect(try credits([Self.session, Self.intent], refund: 250) == [250])
        // A share above what was paid counts as all of it.
        let more = Events.checkout(
            id: "evt_1", ["amount_total": 530, "metadata": ["credits": "500", "credits_amount": "900"]])
        #expect(try credits([more], refund: 530) == [0])
    }

    @Test func `an invoice's lines say it: of a subscription, a tax and credits the credits' part`() throws {
        let invoice = Self.invoice(
            MintingTests.line("price_base", amount: 2000, subscription: nil),
            MintingTests.line(amount: 1000, subscription: nil), paid: 3600)
        let prices: [String: Price] = ["price_1": 300]
        #expect(try credits([invoice, Self.link], refund: 1000, prices: prices) == [0])
        #expect(try credits([invoice, Self.link], refund: 500, prices: prices) == [150])
        #expect(try credits([invoice, Self.link], refund: 3600, prices: prices) == [0])
    }

    @Test func `lines count before metadata, and less their discounts`() throws {
        let discounted = MintingTests.line(
            amount: 1000, subscription: nil, more: ["discount_amounts": [["amount": 500, "discount": "di_1"]]])
        let invoice = Self.invoice(discounted, paid: 500, ["metadata": ["credits": "300", "credits_amount": "400"]])
        #expect(try credits([invoice, Self.link], refund: 250, prices: ["price_1": 9]) == [150])
        // If no line sells credits, the metadata's share counts.
        #expect(try credits([invoice, Self.link], refund: 200) == [150])
    }

    @Test func `what a balance paid is no part of the payment`() throws {
        let invoice = Self.invoice(MintingTests.line(amount: 5000, subscription: nil), paid: 3000)
        #expect(try credits([invoice, Self.link], refund: 3000, prices: ["price_1": 100]) == [0])
        let settled = Self.invoice(MintingTests.line(amount: 5000, subscription: nil), paid: 0)
        #expect(try credits([settled, Self.link], refund: 3000, prices: ["price_1": 100]) == [100])
    }

    @Test func `the lines of Checkout's invoice tell the part of the session's credits`() throws {
        let session = Events.checkout(id: "evt_2", ["invoice": "in_1", "amount_total": 530])
        let invoice = Self.invoice(
            MintingTests.line(amount: 500, subscription: nil),
            MintingTests.line("price_fee", amount: 30, subscription: nil),
            paid: 530)
        #expect(try credits([session, invoice], refund: 500, prices: ["price_1": 500]) == [0])
    }
}
