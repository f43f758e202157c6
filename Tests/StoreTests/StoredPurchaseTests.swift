// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import TestSupport
import Testing

@testable import Store

/// A purchase's row that no version wrote is an error: no number is guessed.
@Suite struct StoredPurchaseTests {
    private static func decode(_ row: String) throws -> PurchaseFacts {
        try StoredPurchase.decode(try JSON(bytes: Array(row.utf8)))
    }

    @Test func `what is written is read again`() throws {
        let facts = PurchaseFacts(
            parts: [
                "cs_1": PurchaseFacts.Part(
                    .checkoutSession, customer: "cus_1",
                    offer: CreditOffer(
                        credits: 5, source: .metadata, metadataKey: "credits", lineAmount: 7, metadataAmount: 8)),
                "ch_1": PurchaseFacts.Part(
                    .charge, isPaid: true, paid: 9, refunded: 1, paymentIntent: "pi_1", currency: "jpy",
                    partialCapture: PartialCapture(authorised: 12, captured: 9, isReleaseUnbooked: true)),
            ],
            refunds: ["re_1": Refund(status: .pending, amount: 1, currency: "jpy", charge: "ch_1", paymentIntent: nil)],
            disputes: [
                "du_1": Dispute(
                    at: Events.midnight, standing: .won, amount: 2, currency: "usd", charge: nil, paymentIntent: "pi_1")
            ],
            assignment: PurchaseFacts.Assignment(
                customer: "cus_2", credits: nil, reason: "r", operator: "o", at: Events.midnight))
        #expect(try StoredPurchase.decode(StoredPurchase.encode(facts)) == facts)
        #expect(try StoredPurchase.decode([:]) == PurchaseFacts())
    }

    @Test func `a row of before says of its objects that they were paid`() throws {
        let parts = try Self.decode(
            """
            {"parts": {"cs_1": {"kind": "checkout_session", "credits": 5, "basis": "metadata", "key": "credits"},
                       "pi_1": {"kind": "payment_intent", "paid": 5}, "in_1": {"kind": "invoice"},
                       "ch_1": {"kind": "charge", "paid": 0}}}
            """
        ).parts
        #expect(parts.filter(\.value.isPaid).keys.sorted() == ["cs_1", "pi_1"])
    }

    @Test(arguments: [
        #"{"parts": 1}"#, #"{"parts": {"pi_1": {}}}"#, #"{"parts": {"pi_1": {"kind": "x"}}}"#,
        #"{"parts": {"pi_1": {"kind": "invoice", "paid": "5"}}}"#,
        #"{"parts": {"pi_1": {"kind": "invoice", "credits": 5}}}"#, #"{"refunds": {"re_1": {"status": "succeeded"}}}"#,
        #"{"parts": {"ch_1": {"kind": "charge", "partial_capture": {"authorised": 5}}}}"#,
        #"{"parts": {"a": {"kind": "charge", "partial_capture": {"authorised": 5, "captured": 5}}}}"#,
        #"{"refunds": {"re_1": {"amount": 5}}}"#, #"{"disputes": {"du_1": {"standing": "open", "at": 1}}}"#,
        #"{"disputes": {"du_1": {"standing": "open", "amount": 1}}}"#, #"{"assignment": {"customer": "cus_1"}}"#,
    ])
    func `what no version wrote is an error`(_ row: String) {
        #expect(throws: StoreError.self) { try Self.decode(row) }
    }
}
