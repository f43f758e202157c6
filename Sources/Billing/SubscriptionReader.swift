import Stripe

/// Reads subscriptions and invoices.
enum SubscriptionReader {
    /// - Parameter status: what the event's type says of the invoice.
    static func read(
        _ object: Stripe.Invoice,
        _ status: Invoice.Status,
        _ event: Event,
        _ offers: OfferReader
    ) throws(FieldError) -> [Fact] {
        guard let customer = object.customer else { throw FieldError("data.object.customer", "is missing") }
        let invoice = Invoice(
            id: object.id,
            status: status,
            subscription: object.subscription,
            billingReason: object.billingReason,
            firstFailedAt: status == .open ? event.created : nil,
            isTopUp: try offers.isTopUp(object)
        )
        guard status == .paid else { return [.invoice(customer: customer, invoice, coverage: nil)] }
        let coverage = object.periodEnd.map(Subscription.Coverage.until) ?? .openEnded
        return [
            .invoice(customer: customer, invoice, coverage: coverage),
            .purchase(try PaymentReader.facts(of: object, offers)),
        ]
    }

    static func read(_ object: Stripe.Subscription, _ event: Event) throws(FieldError) -> Fact {
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
}
