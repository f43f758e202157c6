// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation

/// How the facts of a purchase are stored in its row: `{"parts": …, "refunds": …, "disputes": …}`, each by id, and
/// `"assignment"`. Anything that no version wrote like this is an error, never a guess.
enum StoredPurchase {
    static func encode(_ facts: PurchaseFacts) -> JSON {
        let json: [String: JSON] = [
            "parts": .object(facts.parts.mapValues(encode)),
            "refunds": .object(facts.refunds.mapValues(encode)),
            "disputes": .object(facts.disputes.mapValues(encode)),
            "assignment": facts.assignment.map(encode) ?? [:],
        ]
        return .object(json.filter { $0.value != [:] })
    }

    static func decode(_ json: JSON) throws -> PurchaseFacts {
        guard json.object != nil else { throw StoreError.unknownValue("purchase's facts") }
        return PurchaseFacts(
            parts: try objects("parts", of: json).mapValues(part),
            refunds: try objects("refunds", of: json).mapValues(refund),
            disputes: try objects("disputes", of: json).mapValues(dispute),
            assignment: try json["assignment"].map(assignment)
        )
    }

    private static func encode(_ part: PurchaseFacts.Part) -> JSON {
        members([
            ("kind", .string(part.kind.rawValue)),
            ("customer", part.customer.map(JSON.string)),
            ("credits", part.offer.map { .integer($0.credits) }),
            ("basis", part.offer.map { .string($0.source.rawValue) }),
            ("key", part.offer.map { .string($0.metadataKey) }),
            ("line_amount", part.offer?.lineAmount.map(JSON.integer)),
            ("metadata_amount", part.offer?.metadataAmount.map(JSON.integer)),
            ("is_paid", .bool(part.isPaid)),
            ("paid", part.paid.map(JSON.integer)),
            ("refunded", part.refunded.map(JSON.integer)),
            ("payment_intent", part.paymentIntent.map(JSON.string)),
            ("currency", part.currency.map(JSON.string)),
            ("partial_capture", part.partialCapture.map(encode)),
        ])
    }

    private static func encode(_ capture: PartialCapture) -> JSON {
        [
            "authorised": .integer(capture.authorised), "captured": .integer(capture.captured),
            "is_release_unbooked": .bool(capture.isReleaseUnbooked),
        ]
    }

    private static func partialCapture(_ json: JSON) throws(StoreError) -> PartialCapture {
        let capture = PartialCapture(
            authorised: try needed(integer("authorised", of: json), "authorised"),
            captured: try needed(integer("captured", of: json), "captured"),
            isReleaseUnbooked: try needed(flag("is_release_unbooked", of: json), "is_release_unbooked"))
        return try needed(capture, "partial_capture")
    }

    private static func part(_ json: JSON) throws -> PurchaseFacts.Part {
        var offer: CreditOffer?
        if let credits = try integer("credits", of: json) {
            offer = CreditOffer(
                credits: credits, source: try word("basis", of: json), metadataKey: try string("key", of: json),
                lineAmount: try integer("line_amount", of: json),
                metadataAmount: try integer("metadata_amount", of: json))
        }
        let paid = try integer("paid", of: json)
        let kind: PurchaseFacts.Part.Kind = try word("kind", of: json)
        return PurchaseFacts.Part(
            kind,
            customer: try text("customer", of: json),
            offer: offer,
            // Before this was stored, an object that said anything about a payment was about one that had arrived.
            isPaid: try flag("is_paid", of: json)
                ?? (offer != nil || (paid.map { $0 > 0 || kind != .charge } ?? false)),
            paid: paid,
            refunded: try integer("refunded", of: json),
            paymentIntent: try text("payment_intent", of: json),
            currency: try text("currency", of: json),
            partialCapture: try json["partial_capture"].map(partialCapture)
        )
    }

    private static func encode(_ refund: Billing.Refund) -> JSON {
        members([
            ("status", .string(refund.status.rawValue)),
            ("amount", .integer(refund.amount)),
            ("currency", refund.currency.map(JSON.string)),
            ("charge", refund.charge.map(JSON.string)),
            ("payment_intent", refund.paymentIntent.map(JSON.string)),
        ])
    }

    private static func refund(_ json: JSON) throws -> Billing.Refund {
        Billing.Refund(
            status: try word("status", of: json),
            amount: try amount(of: json),
            currency: try text("currency", of: json),
            charge: try text("charge", of: json),
            paymentIntent: try text("payment_intent", of: json)
        )
    }

    private static func encode(_ dispute: Billing.Dispute) -> JSON {
        members([
            ("at", .integer(dispute.at.microseconds)),
            ("standing", .string(dispute.standing.rawValue)),
            ("amount", .integer(dispute.amount)),
            ("currency", dispute.currency.map(JSON.string)),
            ("charge", dispute.charge.map(JSON.string)),
            ("payment_intent", dispute.paymentIntent.map(JSON.string)),
        ])
    }

    private static func dispute(_ json: JSON) throws -> Billing.Dispute {
        Billing.Dispute(
            at: try time("at", of: json),
            standing: try word("standing", of: json),
            amount: try amount(of: json),
            currency: try text("currency", of: json),
            charge: try text("charge", of: json),
            paymentIntent: try text("payment_intent", of: json)
        )
    }

    private static func encode(_ assignment: PurchaseFacts.Assignment) -> JSON {
        members([
            ("customer", .string(assignment.customer)),
            ("credits", assignment.credits.map(JSON.integer)),
            ("reason", .string(assignment.reason)),
            ("operator", .string(assignment.operator)),
            ("at", .integer(assignment.at.microseconds)),
        ])
    }

    private static func assignment(_ json: JSON) throws -> PurchaseFacts.Assignment {
        PurchaseFacts.Assignment(
            customer: try string("customer", of: json),
            credits: try integer("credits", of: json),
            reason: try string("reason", of: json),
            operator: try string("operator", of: json),
            at: try time("at", of: json)
        )
    }

    // MARK: Members, absent or as they were written

    private static func members(_ members: [(String, JSON?)]) -> JSON {
        .object(Dictionary(members.compactMap { key, value in value.map { (key, $0) } }, uniquingKeysWith: { $1 }))
    }

    private static func objects(_ key: String, of json: JSON) throws(StoreError) -> [String: JSON] {
        try member(key, of: json, \.object) ?? [:]
    }

    private static func integer(_ key: String, of json: JSON) throws(StoreError) -> Int64? {
        try member(key, of: json, \.integer)
    }

    private static func flag(_ key: String, of json: JSON) throws(StoreError) -> Bool? {
        try member(key, of: json, \.bool)
    }

    private static func text(_ key: String, of json: JSON) throws(StoreError) -> String? {
        try member(key, of: json, \.string)
    }

    private static func member<T>(
        _ key: String, of json: JSON, _ read: (JSON) -> T?
    ) throws(StoreError) -> T? {
        guard let value = json[key] else { return nil }
        guard let member = read(value) else { throw unknown(key) }
        return member
    }

    // MARK: Members that are always there

    private static func amount(of json: JSON) throws(StoreError) -> Int64 {
        try needed(integer("amount", of: json), "amount")
    }

    private static func time(_ key: String, of json: JSON) throws(StoreError) -> Timestamp {
        Timestamp(microseconds: try needed(integer(key, of: json), key))
    }

    private static func string(_ key: String, of json: JSON) throws(StoreError) -> String {
        try needed(text(key, of: json), key)
    }

    private static func needed<T>(_ member: T?, _ key: String) throws(StoreError) -> T {
        guard let member else { throw unknown(key) }
        return member
    }

    private static func word<T: RawRepresentable<String>>(_ key: String, of json: JSON) throws(StoreError) -> T {
        try storedWord(try string(key, of: json), "purchase's \(key)")
    }

    private static func unknown(_ key: String) -> StoreError { .unknownValue("purchase's \(key)") }
}
