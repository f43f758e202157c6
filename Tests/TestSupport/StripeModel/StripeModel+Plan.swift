// SPDX-License-Identifier: Apache-2.0

import Notation
import Stripe

/// A subscription that sells credits with each period: trials, changes in the middle of a period, the subscription's
/// metadata on each line, discounts, taxes, and credit notes that settle a part before it is paid.
extension StripeModel {
    private struct Plan {
        let subscription: String
        /// The credits of a period by its metadata; nil: by the price map.
        let metadata: Int64?
        var seats: Int64
        var isFirst = true
    }

    /// A line before it is rendered.
    private struct PlanLine {
        var price: String
        var quantity: Int64 = 1
        var amount: Int64
        var discount: Int64 = 0
        var isProration = false
    }

    /// What one seat costs, and what it buys.
    private static let seat = (price: "price_parts", amount: Int64(1_000), credits: Int64(30))

    mutating func playPlan() {
        var plan = Plan(
            subscription: newID("sub"), metadata: random.one(in: 3) ? random.within(1...900) : nil,
            seats: random.within(1...4))
        truth.subscriptions[plan.subscription] = Truth.Subscription(customer: customer)
        let isTrial = random.one(in: 3)
        bill(plan, lines: period(plan, isFree: isTrial))
        plan.isFirst = false
        for _ in 0..<min(3, story.steps) {
            pass(86_400...(20 * 86_400))
            var lines: [PlanLine] = []
            if random.one(in: 2) {
                let before = plan.seats
                plan.seats = random.within(1...4)
                lines += change(from: before, to: plan.seats)
            }
            if lines.isEmpty || random.one(in: 2) { lines += period(plan, isFree: false) }
            bill(plan, lines: lines)
        }
    }

    private mutating func period(_ plan: Plan, isFree: Bool) -> [PlanLine] {
        let amount = isFree ? 0 : plan.seats * Self.seat.amount
        let discount = isFree || !random.one(in: 4) ? 0 : random.within(1...(amount - 1))
        let seats = PlanLine(price: Self.seat.price, quantity: plan.seats, amount: amount, discount: discount)
        return [seats, PlanLine(price: "price_base", amount: isFree ? 0 : 700)]
    }

    /// Prorations: the credit for the rest of a period, and the new amount for it.
    private mutating func change(from before: Int64, to after: Int64) -> [PlanLine] {
        let rest = random.within(1...1_000)
        return [
            PlanLine(price: Self.seat.price, quantity: before, amount: -before * rest, isProration: true),
            PlanLine(price: Self.seat.price, quantity: after, amount: after * rest, isProration: true),
        ]
    }

    private mutating func bill(_ plan: Plan, lines: [PlanLine]) {
        let invoice = newID("in")
        let net = lines.map { $0.amount - $0.discount }.reduce(0, +)
        let tax = net > 0 && random.one(in: 3) ? net / 5 : 0
        let total = net + tax
        let credited = total > 1 && random.one(in: 5) ? random.within(1...total) : 0
        let paid = max(0, total - credited)

        let whole = lines.filter { !$0.isProration }
        var (credits, price) = (Int64(0), Int64(0))
        if let metadata = plan.metadata, !whole.isEmpty {
            credits = metadata
            price = whole.map { $0.amount - $0.discount }.reduce(0, +)
        } else {
            for line in whole where line.price == Self.seat.price && line.amount > 0 {
                credits += Self.seat.credits * line.quantity
                price += line.amount - line.discount
            }
        }
        let change = lines.filter(\.isProration).map(\.amount).reduce(0, +)
        if change > 0 {
            credits += Self.seat.credits * change / Self.seat.amount
            price += change
        }
        if credited > 0 {
            credits = credits * (total - credited) / total
            if price > 0 { price = max(1, price * (total - credited) / total) }
        }
        if credits > 0 {
            truth.purchases.append(
                Truth.Purchase(
                    customer: customer, credits: credits, paid: paid, forCredits: price > 0 ? price : nil))
        }
        let end = now + .seconds(30 * 86_400)
        truth.subscriptions[plan.subscription]?.payments.append((paidAt: now, periodEnd: end, reach: end))
        truth.subscriptions[plan.subscription]?.isNamed = true
        truth.invoices[invoice] = Truth.Invoice(
            customer: customer, subscription: plan.subscription, isFirst: plan.isFirst, isSettled: true,
            isPaid: true)

        var payment = newPayment(paid, customer: customer, invoice: invoice)
        let members = members(of: plan, total: total, credited: credited)
        let rendered = lines.map { render($0, of: plan) }
        if paid > 0 {
            sendPaid(&payment, metadata: [:])
            sendPaid(invoice: invoice, payment, lines: rendered, members)
            take(from: &payment, purchase: credits > 0)
        } else {
            // Nothing to pay: no payment, so nothing to link.
            var object: [String: JSON] = [
                "id": .string(invoice), "object": "invoice", "customer": reference(customer, "customer"),
                "amount_paid": 0, "lines": ["data": .array(rendered), "has_more": false],
            ]
            object.merge(members) { $1 }
            keepDraft(invoice, object.merging(["customer": .string(customer)]) { $1 })
            keepPaid(invoice, amount: 0)
            send("invoice.paid", object)
        }
    }

    private mutating func members(of plan: Plan, total: Int64, credited: Int64) -> [String: JSON] {
        var members: [String: JSON] = [
            "billing_reason": plan.isFirst ? "subscription_create" : "subscription_cycle", "total": .integer(total),
            "pre_payment_credit_notes_amount": .integer(credited),
        ]
        var details: [String: JSON] = [:]
        // Old API versions do not include it.
        if version >= .latestCharge { details["metadata"] = .object(metadata(of: plan)) }
        if version.hasParents {
            details["subscription"] = reference(plan.subscription, "subscription")
            members["parent"] = ["type": "subscription_details", "subscription_details": .object(details)]
        } else {
            members["subscription"] = reference(plan.subscription, "subscription")
            if !details.isEmpty { members["subscription_details"] = .object(details) }
        }
        return members
    }

    private func metadata(of plan: Plan) -> [String: JSON] {
        plan.metadata.map { ["credits": .string("\($0)")] } ?? [:]
    }

    private func render(_ line: PlanLine, of plan: Plan) -> JSON {
        var object: [String: JSON] = [
            "amount": .integer(line.amount), "quantity": .integer(line.quantity),
            "metadata": .object(metadata(of: plan)),
            "period": ["start": .integer(now.seconds), "end": .integer((now + .seconds(30 * 86_400)).seconds)],
        ]
        if line.discount > 0 { object["discount_amounts"] = [["amount": .integer(line.discount), "discount": "di_1"]] }
        let subscription = JSON.string(plan.subscription)
        if version.hasParents {
            object["pricing"] = ["price_details": ["price": .string(line.price)]]
            object["parent"] = [
                "subscription_item_details": ["subscription": subscription, "proration": .bool(line.isProration)]
            ]
        } else {
            object[version == .oldest ? "plan" : "price"] = ["id": .string(line.price)]
            object["subscription"] = subscription
            object["proration"] = .bool(line.isProration)
            object["type"] = line.isProration ? "invoiceitem" : "subscription"
        }
        return .object(object)
    }
}
