// SPDX-License-Identifier: Apache-2.0

/// What is known of one purchase: what each object of Stripe's that belongs to it says, and what was taken back.
/// A union of facts, so that any order of events ends in the same.
package struct PurchaseFacts: Sendable, Hashable {
    /// What the objects say, by their ids. An object that others only name says nothing yet.
    package private(set) var parts: [String: Part]
    package private(set) var refunds: [String: Refund]
    package private(set) var disputes: [String: Dispute]
    /// An operator's word on it, which stands above all that Stripe's objects say, now and later.
    package var assignment: Assignment?

    package init(
        parts: [String: Part] = [:],
        refunds: [String: Refund] = [:],
        disputes: [String: Dispute] = [:],
        assignment: Assignment? = nil
    ) {
        self.parts = parts
        self.refunds = refunds
        self.disputes = disputes
        self.assignment = assignment
    }

    /// One object that belongs to a purchase.
    package struct Part: Sendable, Hashable {
        /// In the order of how much they tell: where two disagree, the later one here counts.
        package enum Kind: String, Sendable, Hashable, Ranked {
            case charge
            case invoice
            case paymentIntent = "payment_intent"
            case checkoutSession = "checkout_session"
        }

        package var kind: Kind
        package var customer: String?
        /// The credits that it says are bought; nil where it says nothing of them.
        package var offer: Offer?
        /// It says that the money has come.
        package var isPaid: Bool
        /// What was paid, in the currency's smallest unit.
        package var paid: Int64?
        /// A charge's largest cumulative `amount_refunded`.
        package var refunded: Int64?
        /// The PaymentIntent that a charge belongs to.
        package var paymentIntent: String?
        /// What its amounts are in.
        package var currency: String?
        /// Where less was captured than was authorised.
        package var partialCapture: PartialCapture?

        package init(
            _ kind: Kind,
            customer: String? = nil,
            offer: Offer? = nil,
            isPaid: Bool = false,
            paid: Int64? = nil,
            refunded: Int64? = nil,
            paymentIntent: String? = nil,
            currency: String? = nil,
            partialCapture: PartialCapture? = nil
        ) {
            self.kind = kind
            self.customer = customer
            self.offer = offer
            self.isPaid = isPaid
            self.paid = paid
            self.refunded = refunded
            self.paymentIntent = paymentIntent
            self.currency = currency
            self.partialCapture = partialCapture
        }

        mutating func merge(_ other: Part) {
            kind = max(kind, other.kind)
            customer = greater(customer, other.customer)
            offer = offer.map { $0.merged(with: other.offer) } ?? other.offer
            isPaid = isPaid || other.isPaid
            paid = greater(paid, other.paid)
            refunded = greater(refunded, other.refunded)
            paymentIntent = greater(paymentIntent, other.paymentIntent)
            currency = greater(currency, other.currency)
            partialCapture =
                partialCapture.map { mine in other.partialCapture.map(mine.merged) ?? mine } ?? other.partialCapture
        }
    }

    package mutating func merge(_ other: PurchaseFacts) {
        for (id, part) in other.parts { parts[id, default: part].merge(part) }
        for (id, refund) in other.refunds { refunds[id, default: refund].merge(refund) }
        for (id, dispute) in other.disputes { disputes[id, default: dispute].merge(dispute) }
        assignment = greater(assignment, other.assignment)
    }

    // MARK: What they add up to

    /// Everybody whom an object names, or an operator.
    package var customers: Set<String> {
        Set(parts.values.compactMap(\.customer) + [assignment?.customer].compactMap(\.self))
    }

    /// Whose purchase it is; nil for a guest's, which waits for an object that names the customer, or for an operator.
    package var customer: String? { assignment?.customer ?? namedCustomer }

    /// Whose purchase it is as Stripe's objects say.
    package var namedCustomer: String? {
        parts.values.compactMap { part in part.customer.map { (part.kind, $0) } }.max { $0 < $1 }?.1
    }

    /// The credits that are bought; nil for none, and before the money has come.
    package var credits: Int64? { assignment?.credits ?? (isPaid ? offering?.offer?.credits : nil) }

    /// Some object says that the money has come.
    package var isPaid: Bool { parts.values.contains(where: \.isPaid) }

    /// The credits that the ledger should hold for it: what was bought less what was taken back, which is in proportion
    /// to what was paid for them, and rounded down.
    package var creditsDue: Int64 {
        guard let credits else { return 0 }
        guard let share, share > 0 else { return credits }
        return credits - Int64(Int128(credits) * Int128(min(reversed, share)) / Int128(share))
    }

    /// What of the payment bought the credits, as an invoice's lines tell, else as metadata does; else all of it.
    /// What else was paid for, a fee or a tax, neither keeps nor takes credits.
    package var share: Int64? {
        guard let paid else { return nil }
        let told = largest { $0.offer?.lineAmount } ?? largest { $0.offer?.metadataAmount }
        return told.map { min($0, paid) } ?? paid
    }

    /// What the most telling of the objects says; the larger amount where several of one kind do.
    private func largest(_ amount: (Part) -> Int64?) -> Int64? {
        parts.values.compactMap { part in amount(part).map { (part.kind, $0) } }.max { $0 < $1 }?.1
    }

    /// What was paid for it, in the currency's smallest unit; nil where nothing says.
    package var paid: Int64? {
        offering?.paid ?? largest(\.paid)
    }

    /// What was taken back by refunds and disputes, never more than was paid.
    package var reversed: Int64 {
        let total = payments.values.reduce(0) { $0 + $1.reversed }
        return Int64(min(total, Int128(paid ?? 0)))
    }

    /// The disputes that are open, by id.
    package var openDisputes: Set<String> { Set(disputes.filter { $0.value.standing == .open }.keys) }

    private var offering: Part? {
        let offers = parts.filter { $0.value.offer != nil }
        return offers.max { one, other in
            let (first, second) = (one.value, other.value)
            return (first.kind, first.offer?.credits ?? 0, one.key) < (
                second.kind, second.offer?.credits ?? 0, other.key
            )
        }?.value
    }
}
