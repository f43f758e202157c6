// SPDX-License-Identifier: Apache-2.0

import Notation
import Stripe

/// A subscription: trials, renewals, failing payments, retries, pauses, and all the ways in which it ends.
extension StripeModel {
    private static let month: Int64 = 30 * 86_400

    /// Which of its own events the endpoint gets.
    enum Telling {
        case all
        /// All but `customer.subscription.updated`.
        case endsOnly
        case none
    }

    struct Invoice {
        let id: String
        let reason: String
        let created: Timestamp
        let period: (start: Timestamp, end: Timestamp)
        let hasLines: Bool
    }

    struct Subscription {
        let id: String
        let telling: Telling
        let byMail: Bool
        /// Billed for what was used, when the period is over.
        let isMetered: Bool
        /// Whether `invoice.overdue` is enabled.
        let tellsOverdue: Bool
        var status: String
        var latestInvoice: Invoice
        /// The invoice to be paid, if the latest one is a draft.
        var openInvoice: Invoice
        var currentPeriodStart: Timestamp
        var currentPeriodEnd: Timestamp
        var pause: (behavior: String, resumesAt: Timestamp?)?
        /// Its statuses within this second, and whether invoices were voided: if one returned within the second,
        /// Stripe's events would not show the order.
        var second: (at: Timestamp, statuses: Set<String>, suspensions: Set<Bool>)

        var endedAt: Timestamp?
        var endedUnpaid = false

        var isSuspended: Bool { pause?.behavior == "void" }
        var collection: String { byMail ? "send_invoice" : "charge_automatically" }
        var isOver: Bool { ["canceled", "incomplete_expired"].contains(status) }
    }

    mutating func playSubscription() {
        let id = newID("sub")
        let chosen = random.pick(Telling.all, .all, .all, .endsOnly, .none)
        let telling = story.isComplete ? .all : chosen
        let byMail = random.one(in: 4)
        let isTrial = random.one(in: 4)
        let first = newInvoice("subscription_create", hasLines: true, isMetered: false, of: id, byMail: byMail)
        // With mailed invoices it is active at once, as also while a slow bank payment is pending.
        let runsAtOnce = byMail || isTrial || random.one(in: 6)
        var subscription = Subscription(
            id: id, telling: telling, byMail: byMail, isMetered: !isTrial && random.one(in: 5),
            tellsOverdue: telling == .none || random.one(in: 2),
            status: isTrial ? "trialing" : runsAtOnce ? "active" : "incomplete", latestInvoice: first,
            openInvoice: first,
            currentPeriodStart: now, currentPeriodEnd: first.period.end, second: (now, [], []))
        truth.subscriptions[id] = Truth.Subscription(customer: customer)
        truth.invoices[first.id] = Truth.Invoice(
            customer: customer, subscription: id, isFirst: true, isMailed: byMail)

        report(&subscription, "customer.subscription.created")
        if isTrial {
            pay(first, of: subscription, amount: 0)
        } else if runsAtOnce {
            pass(86_400...(20 * 86_400))
            settle(first, of: &subscription)
        } else if startSlowly(&subscription) {
            pay(first, of: subscription, amount: 1_000)
            change(&subscription, to: "active", mayBeLost: true)
        }
        for _ in 0..<story.steps where !subscription.isOver { step(&subscription) }
        if subscription.status == "canceled" { payLate(subscription) }
        keep(subscription)
        let isPaid = truth.invoices[subscription.openInvoice.id]?.isPaid == true && subscription.openInvoice.hasLines
        if subscription.status == "active", !subscription.isSuspended, isPaid {
            let reach = truth.subscriptions[id]?.payments.last?.reach
            truth.subscriptions[id]?.isPaidUntil = reach
        }
    }

    /// - Returns: whether its first invoice will be paid.
    private mutating func startSlowly(_ subscription: inout Subscription) -> Bool {
        guard random.one(in: 4) else { return true }
        fail(subscription.openInvoice, of: subscription)
        pass(0...3_600)
        guard random.one(in: 2) else { return true }
        pass(82_800...82_800)
        change(&subscription, to: "incomplete_expired")
        return false
    }

    private mutating func step(_ subscription: inout Subscription) {
        // Stripe often does several things in one second.
        if !random.one(in: 5) { pass(3_600...(10 * 86_400)) }
        if let resumesAt = subscription.pause?.resumesAt, resumesAt <= now {
            set(nil, of: &subscription, isLost: random.one(in: 2) && !story.isComplete)
        }
        switch subscription.status {
        case "trialing", "active":
            switch random.within(0...11) {
            case 0: cancel(&subscription, unpaid: false)
            case 1 where subscription.status == "trialing" && subscription.pause == nil:
                change(&subscription, to: "paused")
            case 1: report(&subscription, "customer.subscription.updated")
            case 2 where subscription.pause == nil: pause(&subscription)
            case 2,
                3 where subscription.pause != nil:
                set(nil, of: &subscription)
            default: renew(&subscription)
            }
        case "paused":
            if random.one(in: 2) { resumePaying(&subscription) } else { change(&subscription, to: "active") }
        case "past_due", "unpaid":
            if random.one(in: 5) { leaveDraft(&subscription) } else { chase(&subscription) }
        default:
            break
        }
    }

    // MARK: Periods

    private mutating func newInvoice(
        _ reason: String, hasLines: Bool, isMetered: Bool, of subscription: String, byMail: Bool
    ) -> Invoice {
        let month = Duration.seconds(Self.month)
        let invoice = Invoice(
            id: newID("in"), reason: reason, created: now,
            period: isMetered ? (now - month, now) : (now, now + month), hasLines: hasLines)
        keepDraft(invoice, of: subscription, byMail: byMail)
        return invoice
    }

    /// Begins a new period and its invoice.
    private mutating func begin(_ subscription: inout Subscription) -> Invoice {
        let invoice = newInvoice(
            "subscription_cycle", hasLines: !random.one(in: 10), isMetered: subscription.isMetered,
            of: subscription.id, byMail: subscription.byMail)
        truth.invoices[invoice.id] = Truth.Invoice(
            customer: customer, subscription: subscription.id, isMailed: subscription.byMail)
        subscription.latestInvoice = invoice
        // Renewals come early here: the last period still reached to its end.
        subscription.currentPeriodStart = subscription.currentPeriodEnd
        subscription.currentPeriodEnd = now + .seconds(Self.month)
        report(&subscription, "customer.subscription.updated")
        return invoice
    }

    private mutating func renew(_ subscription: inout Subscription) {
        let invoice = begin(&subscription)
        pass(0...3_600)
        switch subscription.pause?.behavior {
        case "void":
            close(invoice, "invoice.voided", of: subscription)
        case "mark_uncollectible":
            finalize(invoice.id, status: "uncollectible")
            send("invoice.marked_uncollectible", render(invoice, of: subscription, paid: 0))
        case "keep_as_draft":
            break
        default:
            subscription.openInvoice = invoice
            settle(invoice, of: &subscription)
        }
        if subscription.status == "trialing" { change(&subscription, to: "active") }
    }

    /// An invoice is paid or fails.
    private mutating func settle(_ invoice: Invoice, of subscription: inout Subscription) {
        if random.one(in: 2) {
            pay(invoice, of: subscription, amount: 1_000)
        } else {
            fail(invoice, of: subscription)
            change(&subscription, to: "past_due")
        }
    }

    /// A new period begins while an invoice is unpaid: its invoice stays a draft that is not collected.
    private mutating func leaveDraft(_ subscription: inout Subscription) {
        let invoice = begin(&subscription)
        send("invoice.created", render(invoice, of: subscription, paid: 0))
    }

    /// A trial that had ended without a card resumes, paid.
    private mutating func resumePaying(_ subscription: inout Subscription) {
        pass(1...3_600)
        let invoice = begin(&subscription)
        pass(1...60)
        pay(invoice, of: subscription, amount: 1_000)
        change(&subscription, to: "active", mayBeLost: true)
    }

    /// What happens to an invoice that has failed.
    private mutating func chase(_ subscription: inout Subscription) {
        let invoice = subscription.openInvoice
        switch random.within(0...6) {
        case 0:
            close(invoice, "invoice.voided", of: subscription)
            change(&subscription, to: "active")
        case 1:
            finalize(invoice.id, status: "uncollectible")
            send("invoice.marked_uncollectible", render(invoice, of: subscription, paid: 0))
            change(&subscription, to: "active")
        case 2:
            // Only while it is the latest invoice: otherwise the event would name a draft.
            if subscription.latestInvoice.id == invoice.id { change(&subscription, to: "unpaid") }
        case 3:
            cancel(&subscription, unpaid: random.one(in: 2))
        case 4:
            pay(invoice, of: subscription, amount: 1_000)
            change(&subscription, to: "active", mayBeLost: true)
        default:
            fail(invoice, of: subscription)
        }
    }

    /// The debt of an ended subscription may still be paid.
    private mutating func payLate(_ subscription: Subscription) {
        guard truth.invoices[subscription.openInvoice.id]?.isSettled == false, random.one(in: 2) else { return }
        pass(0...(10 * 86_400))
        pay(subscription.openInvoice, of: subscription, amount: 1_000)
    }

    // MARK: Events of the subscription

    private mutating func cancel(_ subscription: inout Subscription, unpaid: Bool) {
        change(&subscription, to: "canceled", unpaid: unpaid)
    }

    private mutating func pause(_ subscription: inout Subscription) {
        let behavior = random.pick("void", "void", "keep_as_draft", "mark_uncollectible")
        let resumesAt = random.one(in: 2) ? now + .seconds(random.within(86_400...(50 * 86_400))) : nil
        set((behavior, resumesAt), of: &subscription)
    }

    private mutating func set(
        _ pause: (behavior: String, resumesAt: Timestamp?)?,
        of subscription: inout Subscription,
        isLost: Bool = false
    ) {
        let isSuspended = pause?.behavior == "void"
        if subscription.second.at == now, subscription.second.suspensions.contains(isSuspended) { pass(1...60) }
        let previous: JSON = subscription.pause.map { ["behavior": .string($0.behavior)] } ?? .null
        subscription.pause = pause
        guard !isLost else { return }
        report(&subscription, "customer.subscription.updated", previous: ["pause_collection": previous])
    }

    /// - Parameter mayBeLost: whether the event may be lost, since a payment shows the same.
    private mutating func change(
        _ subscription: inout Subscription,
        to status: String,
        unpaid: Bool = false,
        mayBeLost: Bool = false
    ) {
        guard subscription.status != status else { return }
        if subscription.second.at == now, subscription.second.statuses.contains(status) { pass(1...60) }
        let previous = subscription.status
        subscription.status = status
        if subscription.isOver { (subscription.endedAt, subscription.endedUnpaid) = (now, unpaid) }
        let type: String
        switch status {
        case "canceled": type = "customer.subscription.deleted"
        case "paused": type = "customer.subscription.paused"
        default: type = "customer.subscription.updated"
        }
        if mayBeLost, random.one(in: 4), !story.isComplete {
            // No event of this second shows the new status; the next event does, in another second.
            pass(1...60)
            return
        }
        report(&subscription, type, previous: ["status": .string(previous)], unpaid: unpaid)
    }

    private mutating func report(
        _ subscription: inout Subscription,
        _ type: String,
        previous: [String: JSON] = ["latest_invoice": .null],
        unpaid: Bool = false
    ) {
        if subscription.second.at != now { subscription.second = (now, [], []) }
        subscription.second.statuses.formUnion([subscription.status, previous["status"]?.string].compactMap(\.self))
        subscription.second.suspensions.insert(subscription.isSuspended)
        if let pause = previous["pause_collection"] {
            subscription.second.suspensions.insert(pause["behavior"] == "void")
        }
        switch subscription.telling {
        case .all: break
        case .endsOnly: guard type != "customer.subscription.updated" else { return }
        case .none: return
        }
        note(subscription, previous, unpaid: unpaid)
        var object: [String: JSON] = [
            "id": .string(subscription.id), "object": "subscription", "customer": reference(customer, "customer"),
            "status": .string(subscription.status), "collection_method": .string(subscription.collection),
            "latest_invoice": reference(subscription.latestInvoice.id, "invoice"),
        ]
        let end: JSON = .integer(subscription.currentPeriodEnd.seconds)
        if version.hasParents {
            object["items"] = ["data": [["id": "si_1", "current_period_end": end]]]
        } else {
            object["current_period_end"] = end
        }
        if let pause = subscription.pause {
            object["pause_collection"] = [
                "behavior": .string(pause.behavior),
                "resumes_at": pause.resumesAt.map { .integer($0.seconds) } ?? .null,
            ]
        }
        if unpaid { object["cancellation_details"] = ["reason": "payment_failed"] }
        if subscription.isOver { object["ended_at"] = .integer(now.seconds) }
        send(type, object, previous: type.hasSuffix(".created") ? nil : previous)
    }

    /// Records what receivers know from this event.
    private mutating func note(_ subscription: Subscription, _ previous: [String: JSON], unpaid: Bool) {
        guard var known = truth.subscriptions[subscription.id] else { return }
        known.status = subscription.status
        known.toldAt = now
        known.endedUnpaid = unpaid
        known.suspension = subscription.isSuspended ? .some(subscription.pause?.resumesAt) : nil
        if ["active", "trialing"].contains(subscription.status),
            !subscription.isSuspended || previous["pause_collection"] != nil
        {
            known.periodEnd = max(known.periodEnd ?? subscription.currentPeriodEnd, subscription.currentPeriodEnd)
        }
        truth.subscriptions[subscription.id] = known
        if ["past_due", "unpaid"].contains(subscription.status), previous["status"] != nil {
            note(failureOf: subscription.latestInvoice)
        }
    }

    // MARK: Its invoices

    private mutating func fail(_ invoice: Invoice, of subscription: Subscription) {
        keepFailure(of: invoice.id, isMailed: subscription.byMail)
        if subscription.byMail, !subscription.tellsOverdue { return }
        note(failureOf: invoice)
        let type = subscription.byMail ? "invoice.overdue" : "invoice.payment_failed"
        send(type, render(invoice, of: subscription, paid: 0))
    }

    private mutating func note(failureOf invoice: Invoice) {
        let known = truth.invoices[invoice.id]?.failedAt
        truth.invoices[invoice.id]?.failedAt = known.map { min($0, now) } ?? now
    }

    private mutating func pay(_ invoice: Invoice, of subscription: Subscription, amount: Int64) {
        if invoice.hasLines {
            let end = invoice.period.end
            let isArrears = end <= invoice.created
            truth.subscriptions[subscription.id]?.payments.append(
                (paidAt: now, periodEnd: end, reach: isArrears ? end + .seconds(Self.month) : end))
        }
        truth.subscriptions[subscription.id]?.isNamed = true
        truth.invoices[invoice.id]?.isSettled = true
        truth.invoices[invoice.id]?.isPaid = true
        keepPaid(invoice.id, amount: amount)
        let object = render(invoice, of: subscription, paid: amount)
        if !random.one(in: 3) { send("invoice.paid", object) } else { send("invoice.payment_succeeded", object) }
        if random.one(in: 3) { send("invoice.payment_succeeded", object) }
    }

    private mutating func close(_ invoice: Invoice, _ type: String, of subscription: Subscription) {
        truth.invoices[invoice.id]?.isSettled = true
        finalize(invoice.id, status: "void")
        if invoice.reason == "subscription_cycle" {
            truth.subscriptions[subscription.id]?.isNamed = true
            if invoice.hasLines {
                let known = truth.subscriptions[subscription.id]?.voidedThrough
                truth.subscriptions[subscription.id]?.voidedThrough =
                    known.map { max($0, invoice.period.end) } ?? invoice.period.end
            }
        }
        send(type, render(invoice, of: subscription, paid: 0))
    }
}
