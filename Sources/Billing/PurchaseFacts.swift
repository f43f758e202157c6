// SPDX-License-Identifier: Apache-2.0

/// What is known about one purchase: what each Stripe object that belongs to it says, and what was taken back. A union
/// of facts, so that events in any order end in the same result.
package struct PurchaseFacts: Sendable, Hashable {
    /// What the objects say, by id. An object that others only name says nothing yet.
    package private(set) var parts: [String: Part]
    package private(set) var refunds: [String: Refund]
    package private(set) var disputes: [String: Dispute]
    /// An operator's decision, which outranks everything that Stripe's objects say, now and later.
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
        /// In order of how much they tell: if two disagree, the later one here counts.
        package enum Kind: String, Sendable, Hashable, Ranked {
            case charge
            case invoice
            case paymentIntent = "payment_intent"
            case checkoutSession = "checkout_session"
        }

        package var kind: Kind
        package var customer: String?
        /// The credits that it says were bought; nil if it says nothing about them.
        package var offer: CreditOffer?
        /// Whether it says that the money has arrived.
        package var isPaid: Bool
        /// What was paid, in the currency's smallest unit.
        package var paid: Int64?
        /// A charge's largest cumulative `amount_refunded`.
        package var refunded: Int64?
        /// The PaymentIntent that a charge belongs to.
        package var paymentIntent: String?
        /// The currency of its amounts.
        package var currency: String?
        /// Set if less was captured than authorised.
        package var partialCapture: PartialCapture?

        package init(
            _ kind: Kind,
            customer: String? = nil,
            offer: CreditOffer? = nil,
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

    // MARK: Totals

    /// Every customer that an object or an operator names.
    package var customers: Set<String> {
        Set(parts.values.compactMap(\.customer) + [assignment?.customer].compactMap(\.self))
    }

    /// Whose purchase it is; nil for a guest's, which waits for an object or an operator to name the customer.
    package var customer: String? { assignment?.customer ?? namedCustomer }

    /// Whose purchase it is according to Stripe's objects.
    package var namedCustomer: String? {
        parts.values.compactMap { part in part.customer.map { (part.kind, $0) } }.max { $0 < $1 }?.1
    }

    /// The credits that were bought; nil for none, and until the money has arrived.
    package var credits: Int64? { assignment?.credits ?? (isPaid ? offering?.offer?.credits : nil) }

    /// Whether some object says that the money has arrived.
    package var isPaid: Bool { parts.values.contains(where: \.isPaid) }

    /// The credits that the ledger should hold for it: what was bought minus what was taken back, which is in
    /// proportion to what was paid for them and rounded down.
    package var creditsDue: Int64 {
        guard let credits else { return 0 }
        guard let share, share > 0 else { return credits }
        return credits - Int64(Int128(credits) * Int128(min(reversed, share)) / Int128(share))
    }

    /// The part of the payment that bought the credits: from an invoice's lines, else from metadata, else all of it.
    /// What was paid for something else, such as a fee or a tax, neither keeps nor takes credits.
    package var share: Int64? {
        guard let paid else { return nil }
        let stated = largest { $0.offer?.lineAmount } ?? largest { $0.offer?.metadataAmount }
        return stated.map { min($0, paid) } ?? paid
    }

    /// What the most telling object says; the larger amount if several of one kind do.
    private func largest(_ amount: (Part) -> Int64?) -> Int64? {
        parts.values.compactMap { part in amount(part).map { (part.kind, $0) } }.max { $0 < $1 }?.1
    }

    /// What was paid for it, in the currency's smallest unit; nil if nothing says.
    package var paid: Int64? {
        offering?.paid ?? largest(\.paid)
    }

    /// What refunds and disputes took back, never more than was paid.
    package var reversed: Int64 {
        let total = payments.values.reduce(0) { $0 + $1.reversed }
        return Int64(min(total, Int128(paid ?? 0)))
    }

    /// The disputes that are open, by id.
    package var openDisputes: Set<String> { Set(disputes.filter { $0.value.standing == .open }.keys) }

    /// The object that says what was bought: what metadata say outranks what the price map says of another object.
    private var offering: Part? {
        let offers = parts.compactMap { id, part in part.offer.map { (id: id, part: part, offer: $0) } }
        let stated = offers.filter { $0.offer.source == .metadata }
        return (stated.isEmpty ? offers : stated).max { one, other in
            (one.part.kind, one.offer.credits, one.id) < (other.part.kind, other.offer.credits, other.id)
        }?.part
    }
}
