// SPDX-License-Identifier: Apache-2.0

import Notation
import Stripe

/// One-off payments: top-ups of all kinds, refunds and disputes.
extension StripeModel {
    /// A payment and its refunds.
    struct Payment {
        let intent: String?
        let charge: String
        /// The authorised and the captured amount.
        let authorised: Int64
        let amount: Int64
        let currency: String
        /// The released amount, if Stripe records it as a refund.
        var booked: Int64 = 0
        /// Whether an event has shown the charge after its capture and before any refund.
        var hasShownCapture = false
        /// How its objects name the customer.
        let customer: String?
        let invoice: String?
        var refunded: Int64 = 0
        var refunds: [JSON] = []
        var hasFailedRefund = false
        /// Whether the endpoint gets `refund.*`, and whether it gets `charge.refunded`.
        let tells: (refunds: Bool, cumulative: Bool)
    }

    /// - Parameter captured: what is captured of the amount, if not all.
    mutating func newPayment(
        _ amount: Int64,
        captured: Int64? = nil,
        customer: String?,
        invoice: String? = nil
    ) -> Payment {
        let tellsRefunds = version.hasRefundEvents && !random.one(in: 3)
        return Payment(
            intent: version.hasPaymentIntents ? newID("pi") : nil, charge: newID("ch"), authorised: amount,
            amount: captured ?? amount, currency: random.pick("jpy", "usd", "eur"), customer: customer,
            invoice: invoice,
            tells: (tellsRefunds, !tellsRefunds || random.one(in: 2)))
    }

    // MARK: The ways to pay

    mutating func playCheckout() {
        guard version.hasPaymentIntents else { return playInvoice() }
        let session = newID("cs")
        let isFree = random.one(in: 8)
        let amount = isFree ? 0 : random.within(1...5_000)
        let credits = random.one(in: 10) ? 1_000_000_000_000 : random.within(1...1_000)
        let isGuest = random.one(in: 5)
        // A guest's payment may get a customer later, by another object.
        let named = !isGuest || random.one(in: 2) ? customer : nil
        let withInvoice = !isFree && named != nil && random.one(in: 4)
        let invoice = withInvoice ? newID("in") : nil
        var metadata: [String: JSON] = ["credits": .string("\(credits)")]
        let forCredits = random.one(in: 3) ? random.within(1...6_000) : nil
        if let forCredits { metadata["credits_amount"] = .string("\(forCredits)") }

        var object: [String: JSON] = [
            "id": .string(session), "object": "checkout.session", "mode": "payment", "amount_total": .integer(amount),
            "customer": isGuest ? .null : reference(customer, "customer"), "invoice": reference(invoice, "invoice"),
            "metadata": .object(metadata),
        ]
        if isFree {
            truth.purchases.append(
                Truth.Purchase(
                    customer: isGuest ? nil : named, credits: credits, paid: amount, forCredits: forCredits))
            object["payment_intent"] = .null
            object["payment_status"] = "no_payment_required"
            keep(session, object, status: "no_payment_required")
            return send("checkout.session.completed", object)
        }
        let isCapturedByHand = !withInvoice && random.one(in: 4)
        // The capture may be partial.
        let captured = isCapturedByHand && random.one(in: 2) ? random.within(1...amount) : amount
        var payment = newPayment(amount, captured: captured, customer: named, invoice: invoice)
        object["currency"] = .string(payment.currency)
        object["payment_intent"] = reference(payment.intent, "payment_intent")
        if isCapturedByHand {
            object["payment_status"] = "unpaid"
            send("checkout.session.completed", object)
            if random.one(in: 2) { sendAuthorised(payment) }
            pass(3_600...86_400)
            // An authorisation may expire.
            guard !random.one(in: 4) else { return keepExpired(session, object, payment) }
        } else if random.one(in: 3) {
            object["payment_status"] = "unpaid"
            send("checkout.session.completed", object)
            pass(3_600...86_400)
            object["payment_status"] = "paid"
            if random.one(in: 2) { send("checkout.session.async_payment_succeeded", object) }
        } else {
            object["payment_status"] = "paid"
            send("checkout.session.completed", object)
        }
        keep(session, object, status: "paid")
        truth.purchases.append(
            Truth.Purchase(
                customer: named, credits: credits, paid: captured, forCredits: withInvoice ? 500 : forCredits))
        if isCapturedByHand { capture(&payment) }
        sendPaid(&payment, metadata: random.one(in: 2) ? ["credits": .string("\(credits)")] : [:])
        if let invoice {
            truth.invoices[invoice] = Truth.Invoice(customer: customer, onlySellsCredits: true, isSettled: true)
            sendPaid(invoice: invoice, payment, lines: [line("price_credits", quantity: 2)])
        }
        take(from: &payment)
    }

    mutating func playPaymentIntent() {
        guard version.hasPaymentIntents else { return playInvoice() }
        let amount = random.within(1...5_000)
        let credits = random.within(1...1_000)
        let captured = random.one(in: 4) ? random.within(1...amount) : amount
        truth.purchases.append(Truth.Purchase(customer: customer, credits: credits, paid: captured))
        var payment = newPayment(amount, captured: captured, customer: customer)
        if captured < amount { capture(&payment) }
        sendPaid(&payment, metadata: ["credits": .string("\(credits)")])
        take(from: &payment)
    }

    /// An invoice without a subscription, for credits or for work.
    mutating func playInvoice() {
        let invoice = newID("in")
        let quantity = random.within(1...9)
        let sellsCredits = !random.one(in: 3)
        let sellsWork = !sellsCredits || random.one(in: 4)
        var lines: [JSON] = []
        if sellsCredits { lines.append(line("gold.plan-v1", quantity: quantity)) }
        if sellsWork { lines.append(line("price_work", quantity: 1)) }
        if sellsCredits, random.one(in: 3) { lines.append(line("price_credits", quantity: 1, amount: -50)) }
        let isMailed = random.one(in: 3)
        truth.invoices[invoice] = Truth.Invoice(customer: customer, isMailed: isMailed, onlySellsCredits: !sellsWork)
        var payment = newPayment(random.within(1...5_000), customer: customer, invoice: invoice)
        var unpaid = render(invoice, payment, lines: lines, paid: 0)
        let collection: JSON = isMailed ? "send_invoice" : "charge_automatically"
        unpaid[version == .oldest ? "billing" : "collection_method"] = collection
        keepDraft(
            invoice,
            [
                "billing_reason": "manual", "collection_method": collection, "currency": .string(payment.currency),
                "lines": ["data": .array(lines), "has_more": false],
            ])
        for _ in 0..<random.within(0...2) {
            if truth.invoices[invoice]?.failedAt == nil { truth.invoices[invoice]?.failedAt = now }
            keepFailure(of: invoice, isMailed: isMailed)
            send(isMailed && random.one(in: 2) ? "invoice.overdue" : "invoice.payment_failed", unpaid)
            pass(3_600...86_400)
        }
        switch random.within(0...5) {
        case 0:
            truth.invoices[invoice]?.isSettled = true
            finalize(invoice, status: "void")
            send("invoice.voided", unpaid)
        case 1:
            finalize(invoice, status: "uncollectible")
            send("invoice.marked_uncollectible", unpaid)
        default:
            truth.invoices[invoice]?.isSettled = true
            if sellsCredits {
                truth.purchases.append(
                    Truth.Purchase(
                        customer: customer, credits: 25 * quantity, paid: payment.amount, forCredits: 500))
            }
            sendPaid(&payment, metadata: [:])
            sendPaid(invoice: invoice, payment, lines: lines)
            take(from: &payment, purchase: sellsCredits)
        }
    }

    // MARK: Events of a payment

    /// What is not captured is released. Until 2025 that was recorded as a refund, since then it is not; but the
    /// integration and the endpoint may use different API versions.
    private mutating func capture(_ payment: inout Payment) {
        let released = payment.authorised - payment.amount
        if released > 0, random.one(in: 2) {
            payment.booked = released
            payment.refunds.append([
                "id": .string(newID("re")), "object": "refund", "amount": .integer(released), "status": "succeeded",
                "currency": .string(payment.currency), "charge": .string(payment.charge),
                "payment_intent": reference(payment.intent, "payment_intent"),
            ])
        }
        if random.one(in: 2) {
            send("charge.captured", render(payment))
            payment.hasShownCapture = true
        }
        guard payment.booked > 0, let refund = payment.refunds.first?.object else { return }
        if payment.tells.refunds { send("refund.created", refund) }
        if payment.tells.cumulative { send("charge.refunded", render(payment)) }
    }

    mutating func sendPaid(_ payment: inout Payment, metadata: JSON) {
        if let intent = payment.intent {
            keep(intent, "payment_intent", ["metadata": metadata])
            var object: [String: JSON] = [
                "id": .string(intent), "object": "payment_intent", "amount": .integer(payment.authorised),
                "currency": .string(payment.currency), "amount_received": .integer(payment.amount),
                "customer": reference(payment.customer, "customer"),
                "metadata": metadata,
            ]
            if version.embedsCharges {
                object["charges"] = ["data": [.object(render(payment))]]
                payment.hasShownCapture = true
            } else {
                object["latest_charge"] = reference(payment.charge, "charge")
            }
            if !version.hasParents { object["invoice"] = reference(payment.invoice, "invoice") }
            send("payment_intent.succeeded", object)
        }
        if payment.intent == nil || random.one(in: 3) {
            send("charge.succeeded", render(payment))
            payment.hasShownCapture = true
        }
    }

    /// The payment is authorised but not captured.
    private mutating func sendAuthorised(_ payment: Payment) {
        var object = render(payment)
        object["captured"] = false
        object["status"] = "succeeded"
        object["amount_captured"] = 0
        send("charge.succeeded", object)
    }

    mutating func sendPaid(invoice: String, _ payment: Payment, lines: [JSON], _ members: [String: JSON] = [:]) {
        keepPaid(invoice, payment, lines: lines, members)
        let object = render(invoice, payment, lines: lines, paid: payment.amount).merging(members) { $1 }
        send("invoice.paid", object)
        if random.one(in: 3) { send("invoice.payment_succeeded", object) }
        guard version.hasParents, let intent = payment.intent else { return }
        send(
            "invoice_payment.paid",
            [
                "id": .string("inpay_\(invoice)"), "object": "invoice_payment",
                "invoice": reference(invoice, "invoice"),
                "payment": ["type": "payment_intent", "payment_intent": reference(intent, "payment_intent")],
            ])
    }

    private func line(_ price: String, quantity: Int64, amount: Int64 = 500) -> JSON {
        var line: [String: JSON] = ["amount": .integer(amount), "quantity": .integer(quantity)]
        switch version {
        case .oldest: line["plan"] = ["id": .string(price)]
        case .intents, .latestCharge, .acacia: line["price"] = ["id": .string(price)]
        case .basil, .endive: line["pricing"] = ["price_details": ["price": .string(price)]]
        }
        return .object(line)
    }

    private mutating func render(
        _ invoice: String,
        _ payment: Payment,
        lines: [JSON],
        paid: Int64
    ) -> [String: JSON] {
        var object: [String: JSON] = [
            "id": .string(invoice), "object": "invoice", "customer": reference(customer, "customer"),
            "currency": .string(payment.currency), "billing_reason": "manual", "amount_paid": .integer(paid),
            "lines": ["data": .array(lines), "has_more": false],
        ]
        if !version.hasParents {
            object["payment_intent"] = reference(payment.intent, "payment_intent")
            if paid > 0 { object["charge"] = reference(payment.charge, "charge") }
        }
        return object
    }

    private mutating func render(_ payment: Payment) -> [String: JSON] {
        var object: [String: JSON] = [
            "id": .string(payment.charge), "object": "charge", "amount": .integer(payment.authorised),
            "currency": .string(payment.currency), "customer": reference(payment.customer, "customer"),
            "payment_intent": reference(payment.intent, "payment_intent"),
            "amount_refunded": .integer(payment.booked + payment.refunded), "metadata": [:],
            "refunded": .bool(payment.refunded == payment.amount),
        ]
        if version > .oldest { object["amount_captured"] = .integer(payment.amount) }
        if random.one(in: 2) { object.merge(["captured": true, "status": "succeeded"]) { $1 } }
        if !version.hasParents { object["invoice"] = reference(payment.invoice, "invoice") }
        if version.embedsCharges { object["refunds"] = ["data": .array(payment.refunds)] }
        return object
    }

    // MARK: Refunds and disputes

    /// Refunds and disputes, each of which ends well or badly for the customer.
    /// - Parameter purchase: whether the payment buys credits.
    mutating func take(from payment: inout Payment, purchase: Bool = true) {
        for _ in 0..<min(3, story.steps / 3) {
            pass(3_600...(5 * 86_400))
            if random.one(in: 3) { dispute(payment, purchase) } else { refund(&payment, purchase) }
        }
        keep(payment)
    }

    private mutating func refund(_ payment: inout Payment, _ purchase: Bool) {
        let left = payment.amount - payment.refunded
        // After a refund has failed, cumulative amounts alone do not show what was refunded since.
        let isReported = payment.tells.refunds || version.embedsCharges
        guard left > 0, isReported || !payment.hasFailedRefund else { return }
        let id = newID("re")
        let amount = random.one(in: 3) ? left : random.within(1...left)
        let isFailing = random.one(in: 4)
        let released = payment.authorised - payment.amount
        // No event could distinguish this refund from a release that is not recorded as one.
        if released > 0, payment.booked == 0, !payment.hasShownCapture || story.isComplete {
            guard payment.tells.refunds || payment.hasShownCapture, amount != released else { return }
        }
        payment.refunded += amount
        var object: [String: JSON] = [
            "id": .string(id), "object": "refund", "amount": .integer(amount), "status": "pending",
            "currency": .string(payment.currency),
            "charge": reference(payment.charge, "charge"),
            "payment_intent": reference(payment.intent, "payment_intent"),
        ]
        if payment.tells.refunds {
            send("refund.created", object)
            pass(0...3_600)
            object["status"] = "succeeded"
            if random.one(in: 2) { send("refund.updated", object) }
        }
        object["status"] = "succeeded"
        payment.refunds.append(.object(object))
        if payment.tells.cumulative { send("charge.refunded", render(payment)) }
        if isFailing {
            pass(3_600...86_400)
            object["status"] = random.one(in: 2) ? "failed" : "canceled"
            send(version.hasRefundEvents ? "refund.failed" : "charge.refund.updated", object)
            payment.refunded -= amount
            payment.hasFailedRefund = true
            payment.refunds[payment.refunds.count - 1] = .object(object)
        } else if purchase {
            truth.purchases[truth.purchases.count - 1].refunded += amount
        }
    }

    private mutating func dispute(_ payment: Payment, _ purchase: Bool) {
        let amount = random.within(1...(2 * payment.amount))
        // In another currency, as from the bank, it counts as a dispute of the whole payment.
        let currency = random.one(in: 6) ? "chf" : payment.currency
        let taken = currency == payment.currency ? amount : payment.amount
        let namesIntent = payment.intent != nil && random.one(in: 2)
        let id = newID("du")
        var object: [String: JSON] = [
            "id": .string(id), "object": "dispute", "amount": .integer(amount),
            "currency": .string(currency), "charge": reference(payment.charge, "charge"),
            "payment_intent": namesIntent ? reference(payment.intent, "payment_intent") : .null,
        ]
        defer { keepDispute(id, object, of: payment) }
        let isInquiry = random.one(in: 4)
        object["status"] = isInquiry ? "warning_needs_response" : "needs_response"
        send("charge.dispute.created", object)
        if random.one(in: 3) {
            pass(0...3_600)
            object["status"] = isInquiry ? "warning_under_review" : "under_review"
            send("charge.dispute.updated", object)
        }
        guard !random.one(in: 3) else {
            if !isInquiry { note(disputed: taken, isOpen: true, payment, purchase) }
            return
        }
        pass(0...86_400)
        let isWon = random.one(in: 2)
        object["status"] = isInquiry ? "warning_closed" : isWon ? "won" : "lost"
        send("charge.dispute.closed", object)
        if !isInquiry, !isWon { note(disputed: taken, isOpen: false, payment, purchase) }
    }

    private mutating func note(disputed amount: Int64, isOpen: Bool, _ payment: Payment, _ purchase: Bool) {
        if purchase { truth.purchases[truth.purchases.count - 1].disputed += amount }
        if isOpen, let customer = payment.customer { truth.disputed.insert(customer) }
    }
}
