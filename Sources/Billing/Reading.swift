import Stripe

/// What Tollgate makes of one event, from that event and the configuration alone.
public enum Reading: Sendable, Hashable {
    case fact(Fact)
    case ignored(Ignored)

    /// Why an event changes nothing, in a word that operators can look for.
    public enum Ignored: String, Sendable, Hashable {
        /// A test event in live mode, or the other way round.
        case wrongMode = "wrong_mode"
        /// An event of a connected account that is not listed.
        case foreignAccount = "foreign_account"
        /// No rule wants this type.
        case unhandledType = "unhandled_type"
        /// A Checkout session that set up a subscription or a card: other events say what follows.
        case notAPayment = "not_a_payment"
        /// A Checkout session whose money has not arrived yet.
        case unpaid
        /// A payment that buys no credits.
        case noCredits = "no_credits"
    }

    /// - Throws: `FieldError` where a rule wants the event but a field it needs is unusable.
    public init(_ event: Event, policy: Policy) throws(FieldError) {
        if let livemode = event.livemode, livemode != policy.livemode {
            self = .ignored(.wrongMode)
            return
        }
        if let account = event.account, !policy.connectedAccounts.contains(account) {
            self = .ignored(.foreignAccount)
            return
        }
        guard Self.isWanted(event.type) else {
            self = .ignored(.unhandledType)
            return
        }
        guard event.livemode != nil else { throw FieldError("livemode", "is missing") }
        guard let object = event.object else { throw FieldError("data.object", "is missing") }
        switch event.type {
        case "checkout.session.completed", "checkout.session.async_payment_succeeded":
            self = try Self.topUp(try CheckoutSession(object), policy: policy)
        case "customer.deleted":
            self = .fact(.customerDeleted(customer: try Customer(object).id))
        case let type where type.hasPrefix("customer.subscription."):
            self = .fact(try Self.subscription(try Stripe.Subscription(object), event))
        case "payment_intent.succeeded":
            self = try Self.topUp(try PaymentIntent(object), policy: policy)
        default:
            self = .fact(try Self.invoice(try Stripe.Invoice(object), event))
        }
    }

    private static func isWanted(_ type: String) -> Bool {
        switch type {
        case "checkout.session.completed", "checkout.session.async_payment_succeeded", "payment_intent.succeeded",
            "customer.deleted":
            true
        default:
            type.hasPrefix("customer.subscription.") || invoiceStatus(type) != nil
        }
    }

    /// What a type of event says of its invoice. The type is the fact; the object's `status` is only how it
    /// looked when the event was rendered.
    private static func invoiceStatus(_ type: String) -> Invoice.Status? {
        switch type {
        case "invoice.paid", "invoice.payment_succeeded": .paid
        case "invoice.payment_failed", "invoice.overdue": .open
        case "invoice.voided": .void
        case "invoice.marked_uncollectible": .uncollectible
        default: nil
        }
    }

    private static func invoice(_ object: Stripe.Invoice, _ event: Event) throws(FieldError) -> Fact {
        guard let customer = object.customer else { throw FieldError("data.object.customer", "is missing") }
        let status = invoiceStatus(event.type) ?? .open
        let invoice = Invoice(
            id: object.id,
            status: status,
            subscription: object.subscription,
            billingReason: object.billingReason,
            firstFailedAt: status == .open ? event.created : nil
        )
        let coverage = object.periodEnd.map(Subscription.Coverage.until) ?? .openEnded
        return .invoice(customer: customer, invoice, coverage: status == .paid ? coverage : nil)
    }

    private static func subscription(_ object: Stripe.Subscription, _ event: Event) throws(FieldError) -> Fact {
        guard let customer = object.customer else { throw FieldError("data.object.customer", "is missing") }
        let isOver = event.type == "customer.subscription.deleted"
        let status = isOver ? .canceled : object.status.flatMap(SubscriptionStatus.init(rawValue:))
        guard let status else { throw FieldError("data.object.status", "is no status of a subscription") }
        let previous = event.previousAttributes?["status"]?.string.flatMap(SubscriptionStatus.init(rawValue:))
        let history = StatusHistory(
            StatusHistory.Report(status, previous: previous),
            at: Timestamp(seconds: event.created.seconds),
            endedUnpaid: status == .canceled && object.cancellationReason == "payment_failed"
        )
        // An invoice that is sent by mail never reports a failed payment: this is its failure.
        let failed =
            status == .pastDue || status == .unpaid
            ? object.latestInvoice.map { id in
                Invoice(id: id, status: .open, subscription: object.id, firstFailedAt: event.created)
            } : nil
        return .subscription(
            customer: customer, Subscription(id: object.id, history: history), failed: failed
        )
    }

    private static func topUp(_ session: CheckoutSession, policy: Policy) throws(FieldError) -> Reading {
        guard session.mode == "payment" else { return .ignored(.notAPayment) }
        guard session.paymentStatus != "unpaid" else { return .ignored(.unpaid) }
        return try purchase(
            session.paymentIntent ?? session.id,
            source: .checkoutSession,
            customer: session.customer,
            credits: try credits(in: session.metadata, policy: policy)
        )
    }

    private static func topUp(_ intent: PaymentIntent, policy: Policy) throws(FieldError) -> Reading {
        try purchase(
            intent.id,
            source: .paymentIntent,
            customer: intent.customer,
            credits: try credits(in: intent.metadata, policy: policy)
        )
    }

    private static func credits(in metadata: Metadata, policy: Policy) throws(FieldError) -> Int64? {
        try metadata.wholeNumber(policy.creditsKey, in: 1...1_000_000_000_000_000)
    }

    private static func purchase(
        _ id: String,
        source: Purchase.Source,
        customer: String?,
        credits: Int64?
    ) throws(FieldError) -> Reading {
        guard let credits else { return .ignored(.noCredits) }
        guard let customer else { throw FieldError("data.object.customer", "is missing: whose credits are they?") }
        return .fact(.purchase(customer: customer, Purchase(id: id, source: source, credits: credits)))
    }
}
