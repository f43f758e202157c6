import Stripe

/// A subscription: trials, renewals, failing payments, retries, and all the ways in which it ends.
extension StripeModel {
    private struct Subscription {
        let id: String
        let isReported: Bool
        let byMail: Bool
        var status: String
        var latestInvoice: String
        /// Statuses it had within this second: Stripe's events cannot tell a circle's beginning from its end.
        var second: (at: Timestamp, statuses: Set<String>)
    }

    mutating func playSubscription() {
        let id = newID("sub")
        // Some endpoints get its own events, others only those of its invoices.
        let isReported = !random.one(in: 4)
        let first = newID("in")
        var subscription = Subscription(
            id: id, isReported: isReported, byMail: isReported && random.one(in: 4), status: "incomplete",
            latestInvoice: first, second: (now, []))
        truth.subscriptions[id] = Truth.Subscription(customer: customer, status: "incomplete", isReported: isReported)
        truth.invoices[first] = Truth.Invoice(customer: customer, subscription: id, isFirst: true)

        let isTrial = random.one(in: 4)
        if isTrial { subscription.status = "trialing" }
        report(&subscription, "customer.subscription.created", change: nil)
        if !isTrial, random.one(in: 5) {
            fail(first, of: subscription, "subscription_create")
            if random.one(in: 2) {
                pass(82_800...82_800)
                change(&subscription, to: "incomplete_expired")
                return
            }
            pass(0...3_600)
        }
        pay(first, of: subscription, "subscription_create", amount: isTrial ? 0 : 1_000)
        if !isTrial { change(&subscription, to: "active") }
        for _ in 0..<story.steps where !["canceled", "incomplete_expired"].contains(subscription.status) {
            step(&subscription)
        }
    }

    private mutating func step(_ subscription: inout Subscription) {
        // Stripe often does several things in one second.
        if !random.one(in: 5) { pass(3_600...(10 * 86_400)) }
        switch subscription.status {
        case "trialing", "active":
            switch random.within(0...9) {
            case 0: cancel(&subscription, unpaid: false)
            case 1 where subscription.status == "trialing": change(&subscription, to: "paused")
            case 1: report(&subscription, "customer.subscription.updated", change: nil)
            default: renew(&subscription)
            }
        case "paused":
            change(&subscription, to: "active")
        case "past_due", "unpaid":
            chase(&subscription)
        default:
            break
        }
    }

    private mutating func renew(_ subscription: inout Subscription) {
        let invoice = newID("in")
        truth.invoices[invoice] = Truth.Invoice(customer: customer, subscription: subscription.id)
        subscription.latestInvoice = invoice
        report(&subscription, "customer.subscription.updated", change: nil)
        if random.one(in: 2) {
            pass(0...3_600)
            pay(invoice, of: subscription, "subscription_cycle", amount: 1_000)
            if subscription.status == "trialing" { change(&subscription, to: "active") }
        } else {
            pass(0...3_600)
            fail(invoice, of: subscription, "subscription_cycle")
            change(&subscription, to: "past_due")
        }
    }

    /// What becomes of an invoice that has failed.
    private mutating func chase(_ subscription: inout Subscription) {
        let invoice = subscription.latestInvoice
        switch random.within(0...6) {
        case 0:
            settle(invoice, "invoice.voided", of: subscription)
            change(&subscription, to: "active")
        case 1:
            send("invoice.marked_uncollectible", render(invoice, of: subscription, "subscription_cycle", paid: 0))
            change(&subscription, to: "active")
        case 2:
            change(&subscription, to: "unpaid")
        case 3:
            cancel(&subscription, unpaid: random.one(in: 2))
        case 4:
            pay(invoice, of: subscription, "subscription_cycle", amount: 1_000)
            change(&subscription, to: "active")
        default:
            fail(invoice, of: subscription, "subscription_cycle")
        }
    }

    private mutating func cancel(_ subscription: inout Subscription, unpaid: Bool) {
        truth.subscriptions[subscription.id]?.endedUnpaid = unpaid
        change(&subscription, to: "canceled", unpaid: unpaid)
    }

    private mutating func change(_ subscription: inout Subscription, to status: String, unpaid: Bool = false) {
        guard subscription.status != status else { return }
        if subscription.second.at == now, subscription.second.statuses.contains(status) { pass(1...60) }
        let previous = subscription.status
        subscription.status = status
        truth.subscriptions[subscription.id]?.status = status
        let type: String
        switch status {
        case "canceled": type = "customer.subscription.deleted"
        case "paused": type = "customer.subscription.paused"
        default: type = "customer.subscription.updated"
        }
        report(&subscription, type, change: previous, unpaid: unpaid)
    }

    private mutating func report(
        _ subscription: inout Subscription,
        _ type: String,
        change previous: String?,
        unpaid: Bool = false
    ) {
        if subscription.second.at != now { subscription.second = (now, []) }
        subscription.second.statuses.formUnion([subscription.status, previous].compactMap(\.self))
        guard subscription.isReported else { return }
        if ["past_due", "unpaid"].contains(subscription.status) { note(failureOf: subscription.latestInvoice) }
        var object: [String: JSON] = [
            "id": .string(subscription.id), "object": "subscription", "customer": reference(customer, "customer"),
            "status": .string(subscription.status), "latest_invoice": reference(subscription.latestInvoice, "invoice"),
        ]
        if unpaid { object["cancellation_details"] = ["reason": "payment_failed"] }
        send(type, object, previous: previous.map { ["status": .string($0)] } ?? ["latest_invoice": .null])
    }

    // MARK: Its invoices

    private mutating func fail(_ invoice: String, of subscription: Subscription, _ reason: String) {
        note(failureOf: invoice)
        let type = subscription.byMail ? "invoice.overdue" : "invoice.payment_failed"
        send(type, render(invoice, of: subscription, reason, paid: 0))
    }

    private mutating func note(failureOf invoice: String) {
        let known = truth.invoices[invoice]?.failedAt
        truth.invoices[invoice]?.failedAt = known.map { min($0, now) } ?? now
    }

    private mutating func pay(_ invoice: String, of subscription: Subscription, _ reason: String, amount: Int64) {
        let end = now + .seconds(30 * 86_400)
        let known = truth.subscriptions[subscription.id]?.paidThrough
        truth.subscriptions[subscription.id]?.paidThrough = known.map { max($0, end) } ?? end
        truth.invoices[invoice]?.isSettled = true
        let object = render(invoice, of: subscription, reason, paid: amount)
        if !random.one(in: 3) { send("invoice.paid", object) } else { send("invoice.payment_succeeded", object) }
        if random.one(in: 3) { send("invoice.payment_succeeded", object) }
    }

    private mutating func settle(_ invoice: String, _ type: String, of subscription: Subscription) {
        truth.invoices[invoice]?.isSettled = true
        send(type, render(invoice, of: subscription, "subscription_cycle", paid: 0))
    }

    private mutating func render(
        _ invoice: String,
        of subscription: Subscription,
        _ reason: String,
        paid: Int64
    ) -> [String: JSON] {
        let end: JSON = .integer((now + .seconds(30 * 86_400)).seconds)
        let start: JSON = .integer(now.seconds)
        var line: [String: JSON] = ["id": .string("il_\(invoice)"), "amount": 1_000, "quantity": 1]
        line["period"] = ["start": start, "end": end]
        var object: [String: JSON] = [
            "id": .string(invoice), "object": "invoice", "customer": reference(customer, "customer"),
            "billing_reason": .string(reason), "amount_paid": .integer(paid),
        ]
        let link = reference(subscription.id, "subscription")
        if version.hasParents {
            line["parent"] = ["subscription_item_details": ["subscription": .string(subscription.id)]]
            line["pricing"] = ["price_details": ["price": "price_seat"]]
            if !random.one(in: 4) { object["parent"] = ["subscription_details": ["subscription": link]] }
        } else {
            line["plan"] = ["id": "plan_seat"]
            line["subscription"] = .string(subscription.id)
            object["subscription"] = link
        }
        object["lines"] = ["data": [.object(line)], "has_more": false]
        return object
    }
}
