import Stripe

/// Events as Stripe sends them, as small as a rule needs.
public enum Events {
    /// 2026-11-24T00:00:00Z.
    public static let midnight = Timestamp(seconds: 1_795_478_400)

    public static func event(
        _ type: String,
        id: String,
        created: Timestamp = midnight,
        livemode: Bool = true,
        account: String? = nil,
        object: JSON
    ) -> JSON {
        var event: [String: JSON] = [
            "id": .string(id), "object": "event", "type": .string(type), "created": .integer(created.seconds),
            "livemode": .bool(livemode), "api_version": "2026-10-28.endive", "data": ["object": object],
            "pending_webhooks": 1, "request": ["id": .null, "idempotency_key": .null],
        ]
        if let account { event["account"] = .string(account) }
        return .object(event)
    }

    public static func invoice(
        _ type: String,
        id: String,
        created: Timestamp = midnight,
        customer: String = "cus_1",
        invoice: String = "in_1",
        subscription: String? = "sub_1",
        billingReason: String = "subscription_cycle",
        periodEnd: Timestamp? = midnight + .seconds(30 * 86400),
        livemode: Bool = true,
        account: String? = nil
    ) -> JSON {
        var line: [String: JSON] = ["id": "il_1"]
        if let periodEnd { line["period"] = ["start": 0, "end": .integer(periodEnd.seconds)] }
        var object: [String: JSON] = [
            "id": .string(invoice), "object": "invoice", "customer": .string(customer),
            "billing_reason": .string(billingReason), "lines": ["data": [.object(line)]],
        ]
        if let subscription {
            object["parent"] = ["subscription_details": ["subscription": .string(subscription)]]
        }
        return event(
            type, id: id, created: created, livemode: livemode, account: account, object: .object(object)
        )
    }

    public static func checkout(
        id: String,
        type: String = "checkout.session.completed",
        customer: JSON = "cus_1",
        session: String = "cs_1",
        paymentIntent: JSON = "pi_1",
        credits: JSON = "500",
        paymentStatus: String = "paid",
        mode: String = "payment"
    ) -> JSON {
        event(
            type,
            id: id,
            object: [
                "id": .string(session), "object": "checkout.session", "customer": customer, "mode": .string(mode),
                "payment_status": .string(paymentStatus), "payment_intent": paymentIntent,
                "metadata": ["credits": credits],
            ]
        )
    }

    public static func paymentIntent(
        id: String,
        customer: JSON = "cus_1",
        paymentIntent: String = "pi_1",
        credits: JSON = "500"
    ) -> JSON {
        event(
            "payment_intent.succeeded",
            id: id,
            object: [
                "id": .string(paymentIntent), "object": "payment_intent", "customer": customer,
                "metadata": ["credits": credits],
            ]
        )
    }
}
