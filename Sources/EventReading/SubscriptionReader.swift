// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import Stripe

/// Reads subscriptions and invoices.
enum SubscriptionReader {
    /// - Parameter status: what the event's type says about the invoice.
    static func read(
        _ object: Stripe.Invoice,
        _ status: Billing.Invoice.Status,
        _ event: Event,
        _ offers: CreditOfferReader
    ) throws(FieldError) -> Interpretation {
        guard let customer = object.customer else { throw FieldError("data.object.customer", "is missing") }
        // A charged invoice can never be overdue.
        let collectionMethod = object.collectionMethod ?? (event.type == "invoice.overdue" ? "send_invoice" : nil)
        var unreadable = Unreadable()
        unreadable.note(object.unreadable)
        let isTopUp = unreadable.read(try offers.isTopUp(object)) ?? false
        // A debt counts against a customer only if it was read in full; what closes one counts as far as it was read.
        if status < .void, let error = unreadable.errors.first { throw error }
        let invoice = Billing.Invoice(
            id: object.id,
            status: status,
            subscription: object.subscription,
            billingReason: object.billingReason,
            collectionMethod: collectionMethod.flatMap(Billing.Invoice.CollectionMethod.init(rawValue:)),
            firstFailedAt: status == .open ? event.created : nil,
            isTopUp: isTopUp
        )
        let fact = Fact.invoice(customer: customer, invoice, of: subscription(of: invoice, object, event))
        guard status == .paid else { return Interpretation([fact], unreadable) }
        return Interpretation([fact, .purchase(PaymentReader.facts(of: object, offers, &unreadable))], unreadable)
    }

    /// What an invoice says about the subscription that it bills; nil if it says nothing.
    private static func subscription(of invoice: Billing.Invoice, _ object: Stripe.Invoice, _ event: Event) -> Billing
        .Subscription?
    {
        guard let id = invoice.subscription else { return nil }
        switch invoice.status {
        case .open, .uncollectible:
            // If the first invoice was never paid, no subscription had begun.
            return invoice.firstFailedAt == nil || invoice.isEntry || invoice.isTopUp
                ? nil : Billing.Subscription(id: id)
        case .void:
            guard invoice.billingReason == "subscription_cycle" else { return nil }
            return Billing.Subscription(id: id, voidedThrough: object.periodEnd)
        case .paid:
            return Billing.Subscription(
                id: id, payments: SubscriptionPayments([payment(object, event)].compactMap(\.self)))
        }
    }

    /// How far a paid invoice reaches; nil if it has no lines, and so bills nothing, or if no period can be read: an
    /// unknown end is not an open end.
    private static func payment(_ object: Stripe.Invoice, _ event: Event) -> SubscriptionPayment? {
        guard let lines = object.lines, !lines.isEmpty else { return nil }
        let paidAt = Timestamp(seconds: event.created.seconds)
        guard let end = object.periodEnd else {
            guard !lines.contains(where: \.hasUnreadablePeriod) else { return nil }
            return SubscriptionPayment(paidAt: paidAt, periodEnd: nil)
        }
        let reach = greater(end, arrearsEnd(of: object, end))
        return SubscriptionPayment(paidAt: paidAt, periodEnd: end, coverage: reach.map(Coverage.until))
    }

    /// Usage is billed when its period is over: once paid, it entitles for one more such period. Nil if some of it was
    /// billed in advance.
    private static func arrearsEnd(of object: Stripe.Invoice, _ end: Timestamp) -> Timestamp? {
        guard let created = object.created, end <= created else { return nil }
        return (object.lines ?? []).compactMap { line in
            // What is billed once, or given back, will not recur.
            guard !line.isInvoiceItem, ((try? line.sale.get().amount) ?? 0) >= 0 else { return nil }
            guard let start = line.periodStart, let end = line.periodEnd, start < end else { return nil }
            return end + .seconds(end.seconds - start.seconds)
        }.max()
    }

    package static func read(_ object: Stripe.Subscription, _ event: Event) throws(FieldError) -> Interpretation {
        guard let customer = object.customer else { throw FieldError("data.object.customer", "is missing") }
        let isOver = event.type == "customer.subscription.deleted"
        let status = isOver ? .canceled : object.status.flatMap(SubscriptionStatus.init(rawValue:))
        guard let status else {
            throw FieldError(
                "data.object.status", "is no status of a subscription", value: object.status.map(JSON.string))
        }
        let previous = event.previousAttributes?["status"]?.string.flatMap(SubscriptionStatus.init(rawValue:))
        let suspension =
            object.pause?.behavior == "void" ? StatusHistory.Suspension(resumesAt: object.pause?.resumesAt) : nil
        let wasSuspended = wasSuspended(event)
        let history = StatusHistory(
            StatusHistory.Report(status, previous: previous, suspension: suspension, wasSuspended: wasSuspended),
            at: Timestamp(seconds: event.created.seconds),
            endedAt: object.endedAt,
            endedUnpaid: status == .canceled && object.cancellationReason == "payment_failed"
        )
        var subscription = Billing.Subscription(
            id: object.id, history: history,
            prices: SubscriptionPrices(object.prices, at: Timestamp(seconds: event.created.seconds)))
        if suspension != nil, wasSuspended != false {
            subscription.suspendedPeriodEnd = object.currentPeriodEnd
        } else if status == .active || status == .trialing {
            subscription.periodEnd = object.currentPeriodEnd
        }
        var unreadable = Unreadable()
        unreadable.note(object.unreadable)
        let failed = failed(object, status, previous: previous, event)
        return Interpretation([.subscription(customer: customer, subscription, failed: failed)], unreadable)
    }

    /// Whether Stripe voided the invoices before the change that the event reports; nil if that did not change.
    private static func wasSuspended(_ event: Event) -> Bool? {
        guard let previous = event.previousAttributes?.object?["pause_collection"] else { return nil }
        guard previous != .null else { return false }
        // For an object that already existed, only the changed fields are listed.
        return previous["behavior"]?.string.map { $0 == "void" }
    }

    /// An invoice that is sent by mail never reports a failed payment: the subscription falling behind is its failure.
    /// But only at that moment: the latest invoice may later be a draft that nobody was asked to pay.
    private static func failed(
        _ object: Stripe.Subscription,
        _ status: SubscriptionStatus,
        previous: SubscriptionStatus?,
        _ event: Event
    ) -> Billing.Invoice? {
        guard status == .pastDue || status == .unpaid, let previous, previous != status else { return nil }
        return object.latestInvoice.map { id in
            Billing.Invoice(id: id, status: .open, subscription: object.id, firstFailedAt: event.created)
        }
    }
}
