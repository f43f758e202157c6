import Billing
import Stripe

/// How the facts of a purchase lie in its row: `{"parts": …, "refunds": …, "disputes": …}`, each by id.
enum StoredPurchase {
    static func encode(_ facts: PurchaseFacts) -> String {
        let json: [String: JSON] = [
            "parts": .object(facts.parts.mapValues(encode)),
            "refunds": .object(facts.refunds.mapValues(encode)),
            "disputes": .object(facts.disputes.mapValues(encode)),
        ]
        return String(decoding: JSON.object(json.filter { $0.value != [:] }).bytes, as: UTF8.self)
    }

    static func decode(_ text: String) throws -> PurchaseFacts {
        let json = try JSON(bytes: Array(text.utf8))
        return PurchaseFacts(
            parts: try (json["parts"]?.object ?? [:]).mapValues(part),
            refunds: try (json["refunds"]?.object ?? [:]).mapValues(refund),
            disputes: try (json["disputes"]?.object ?? [:]).mapValues(dispute)
        )
    }

    private static func encode(_ part: PurchaseFacts.Part) -> JSON {
        members([
            ("kind", .string(part.kind.rawValue)),
            ("customer", part.customer.map(JSON.string)),
            ("credits", part.offer.map { .integer($0.credits) }),
            ("basis", part.offer.map { .string($0.basis.rawValue) }),
            ("key", part.offer.map { .string($0.key) }),
            ("paid", part.paid.map(JSON.integer)),
            ("refunded", part.refunded.map(JSON.integer)),
            ("payment_intent", part.paymentIntent.map(JSON.string)),
        ])
    }

    private static func part(_ json: JSON) throws -> PurchaseFacts.Part {
        var offer: Offer?
        if let credits = json["credits"]?.integer {
            offer = Offer(
                credits: credits, basis: try known(json["basis"]?.string ?? ""), key: json["key"]?.string ?? "")
        }
        return PurchaseFacts.Part(
            try known(json["kind"]?.string ?? ""),
            customer: json["customer"]?.string,
            offer: offer,
            paid: json["paid"]?.integer,
            refunded: json["refunded"]?.integer,
            paymentIntent: json["payment_intent"]?.string
        )
    }

    private static func encode(_ refund: Billing.Refund) -> JSON {
        members([
            ("status", .string(refund.status.rawValue)),
            ("amount", .integer(refund.amount)),
            ("charge", refund.charge.map(JSON.string)),
            ("payment_intent", refund.paymentIntent.map(JSON.string)),
        ])
    }

    private static func refund(_ json: JSON) throws -> Billing.Refund {
        Billing.Refund(
            status: try known(json["status"]?.string ?? ""),
            amount: json["amount"]?.integer ?? 0,
            charge: json["charge"]?.string,
            paymentIntent: json["payment_intent"]?.string
        )
    }

    private static func encode(_ dispute: Billing.Dispute) -> JSON {
        members([
            ("at", .integer(dispute.at.microseconds)),
            ("standing", .string(dispute.standing.rawValue)),
            ("amount", .integer(dispute.amount)),
            ("charge", dispute.charge.map(JSON.string)),
            ("payment_intent", dispute.paymentIntent.map(JSON.string)),
        ])
    }

    private static func dispute(_ json: JSON) throws -> Billing.Dispute {
        Billing.Dispute(
            at: Timestamp(microseconds: json["at"]?.integer ?? 0),
            standing: try known(json["standing"]?.string ?? ""),
            amount: json["amount"]?.integer ?? 0,
            charge: json["charge"]?.string,
            paymentIntent: json["payment_intent"]?.string
        )
    }

    private static func members(_ members: [(String, JSON?)]) -> JSON {
        .object(Dictionary(members.compactMap { key, value in value.map { (key, $0) } }, uniquingKeysWith: { $1 }))
    }
}
