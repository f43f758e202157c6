// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import TestSupport
import Testing

/// Credits must be paid for: trials, prorations, copied metadata and credit notes create none.
@Suite struct MintingTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let lines: [JSON]
        var invoice: [String: JSON] = [:]
        var prices: [String: Price] = ["price_1": 1000]
        let credits: Int64
        var testDescription: String { name }
    }

    enum Version: CaseIterable { case old, new }

    static func line(
        _ price: String = "price_1",
        amount: Int64 = 3000,
        quantity: Int64 = 1,
        prorated: Bool = false,
        version: Version = .new,
        subscription: String? = "sub_1",
        metadata: [String: JSON] = [:],
        more: [String: JSON] = [:]
    ) -> JSON {
        var line: [String: JSON] = [
            "amount": .integer(amount), "quantity": .integer(quantity), "metadata": .object(metadata),
        ]
        switch version {
        case .old:
            line["price"] = ["id": .string(price)]
            line["proration"] = .bool(prorated)
            line["type"] = prorated || subscription == nil ? "invoiceitem" : "subscription"
            line["subscription"] = subscription.map(JSON.string) ?? .null
        case .new:
            line["pricing"] = ["price_details": ["price": .string(price)]]
            line["parent"] =
                subscription.map { id in
                    ["subscription_item_details": ["subscription": .string(id), "proration": .bool(prorated)]]
                } ?? ["invoice_item_details": ["invoice_item": "ii_1", "proration": .bool(prorated)]]
        }
        return .object(line.merging(more) { $1 })
    }

    static let parts: [String: Price] = ["price_1": Price(credits: 1000, unitAmount: 3000)]

    static func told(_ metadata: JSON) -> [String: JSON] {
        ["parent": ["subscription_details": ["subscription": "sub_1", "metadata": metadata]]]
    }

    static let five: [String: JSON] = ["credits": "5"]

    static let rows = [
        Row(name: "a trial", lines: [line(amount: 0)], credits: 0),
        Row(name: "a coupon keeps the line's amount", lines: [line()], invoice: ["total": 0], credits: 1000),
        Row(name: "a proration", lines: [line(amount: 2000, prorated: true)], credits: 0),
        Row(name: "an old version's proration", lines: [line(amount: 2000, prorated: true, version: .old)], credits: 0),
        Row(
            name: "a prorated invoice item", lines: [line(amount: 2000, prorated: true, subscription: nil)], credits: 0),
        Row(
            name: "a seat more in mid-period, in proportion",
            lines: [line(amount: -2000, prorated: true), line(amount: 4000, quantity: 2, prorated: true)],
            prices: parts, credits: 666),
        Row(
            name: "a seat less", lines: [line(amount: -4000, prorated: true), line(amount: 2000, prorated: true)],
            prices: parts, credits: 0),
        Row(
            name: "a seat less takes nothing of a renewal",
            lines: [line(), line(amount: -4000, prorated: true)], prices: parts, credits: 1000),
        Row(
            name: "a renewal and a proration, in an old version",
            lines: [line(version: .old), line(amount: 1500, prorated: true, version: .old)], prices: parts,
            credits: 1500),
        Row(
            name: "another price's proration is its own",
            lines: [line("price_2", amount: -3000, prorated: true), line(amount: 1500, prorated: true)],
            prices: ["price_1": Price(credits: 1000, unitAmount: 3000), "price_2": Price(credits: 9, unitAmount: 1)],
            credits: 500),
        Row(
            name: "a subscription's metadata on the lines of two items",
            lines: [line(metadata: five), line("price_2", metadata: five)], invoice: told(["credits": "5"]), credits: 5),
        Row(
            name: "… where the version does not tell the subscription's",
            lines: [line(version: .old, metadata: five), line("price_2", version: .old, metadata: five)], credits: 5),
        Row(
            name: "… told as before basil",
            lines: [line(version: .old, metadata: five), line("price_2", version: .old, metadata: five)],
            invoice: ["subscription_details": ["metadata": ["credits": "5"]]], credits: 5),
        Row(
            name: "a line's own metadata beside it",
            lines: [line(metadata: five), line(metadata: ["credits": "7"])], invoice: told(["credits": "5"]),
            credits: 12),
        Row(
            name: "items that were put on the invoice each have their own",
            lines: [line(subscription: nil, metadata: five), line(subscription: nil, metadata: five)], credits: 10),
        Row(
            name: "a subscription's metadata on a proration",
            lines: [line(amount: 2000, prorated: true, metadata: five)], invoice: told(["credits": "5"]), credits: 0),
        Row(
            name: "a credit note before payment",
            lines: [line()], invoice: ["total": 3000, "pre_payment_credit_notes_amount": 1000], credits: 666),
        Row(
            name: "a credit note of all of it before payment",
            lines: [line()], invoice: ["total": 3000, "pre_payment_credit_notes_amount": 3000], credits: 0),
        Row(
            name: "a credit note before payment, and the invoice's own metadata",
            lines: [line()],
            invoice: ["total": 3000, "pre_payment_credit_notes_amount": 1500, "metadata": ["credits": "9"]], credits: 4),
    ]

    @Test(arguments: rows) func `what an invoice's lines sell`(_ row: Row) throws {
        let members: [String: JSON] = ["lines": ["data": .array(row.lines)], "amount_paid": 3000]
        let paid = Events.invoice("invoice.paid", id: "evt_1", members.merging(row.invoice) { $1 })
        #expect(try World([paid, paid], prices: row.prices).account.balance.credits == row.credits)
    }

    @Test func `no product of amounts overflows`() throws {
        let lines: [JSON] = [Self.line(amount: .max, prorated: true), Self.line(amount: .max, prorated: true)]
        let paid = Events.invoice("invoice.paid", id: "evt_1", ["lines": ["data": .array(lines)]])
        #expect(throws: FieldError.self) {
            try World([paid], prices: ["price_1": Price(credits: CreditOffer.limit, unitAmount: 1)])
        }
        let discounts: JSON = [["amount": .integer(.max)], ["amount": .integer(.max)]]
        let discounted = Events.invoice(
            "invoice.paid", id: "evt_1", ["lines": ["data": [Self.line(more: ["discount_amounts": discounts])]]])
        #expect(throws: FieldError.self) { try World([discounted], prices: ["price_1": 1]) }
    }
}
