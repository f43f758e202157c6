// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import Stripe

/// Finds how many credits an object sells.
struct CreditOfferReader {
    /// The metadata key that says how many.
    let metadataKey: String
    let prices: [String: Price]

    /// What an object's metadata says; nil if it says nothing, or nothing readable.
    func offer(in metadata: Result<Metadata, FieldError>, _ unreadable: inout Unreadable) -> CreditOffer? {
        guard let metadata = unreadable.read(try metadata.get()) else { return nil }
        return offer(in: metadata, &unreadable)
    }

    private func offer(in metadata: Metadata, _ unreadable: inout Unreadable) -> CreditOffer? {
        guard let credits = unreadable.read(try metadata.wholeNumber(metadataKey, in: 1...CreditOffer.limit)) else {
            return nil
        }
        let amount = unreadable.read(try metadata.wholeNumber("\(metadataKey)_amount", in: 1...Int64.max))
        return CreditOffer(credits: credits, source: .metadata, metadataKey: metadataKey, metadataAmount: amount)
    }

    /// What a Checkout session sells: what its metadata says, else what its lines say, if it carries them.
    func offer(of session: CheckoutSession, _ unreadable: inout Unreadable) -> CreditOffer? {
        guard let metadata = unreadable.read(try session.metadata.get()) else { return nil }
        guard metadata[metadataKey] == nil else { return offer(in: metadata, &unreadable) }
        return unreadable.read(try offer(of: session.lines?.get() ?? []))
    }

    private func offer(of lines: [CheckoutLine]) throws(FieldError) -> CreditOffer? {
        var sold = Sold(list: "data.object.line_items")
        for line in lines {
            try sold.add(
                line.quantity, of: line.price, listed: line.subtotal, for: line.paid ?? 0, at: line.path, prices)
        }
        return offer(sold)
    }

    private func offer(_ sold: Sold) -> CreditOffer? {
        guard sold.credits > 0 else { return nil }
        return CreditOffer(
            credits: sold.credits, source: sold.source, metadataKey: metadataKey,
            lineAmount: sold.amount > 0 ? sold.amount : nil)
    }

    /// What a paid invoice sells: what its metadata says, else what its lines say.
    func offer(of invoice: Stripe.Invoice, _ unreadable: inout Unreadable) -> CreditOffer? {
        guard let terms = unreadable.read(try invoice.terms.get()) else { return nil }
        // If its lines are not a list, that has already been noted.
        let lines = invoice.lines ?? []
        let offer: CreditOffer?
        if terms.metadata[metadataKey] != nil {
            var stated = self.offer(in: terms.metadata, &unreadable)
            // The lines only show which part of the payment it was.
            let sold = try? self.sold(by: lines)
            stated?.lineAmount = sold.flatMap { $0.amount > 0 ? $0.amount : nil }
            offer = stated
        } else {
            offer = unreadable.read(try self.offer(of: lines, of: invoice, terms))
        }
        return unreadable.read(try offer?.reduced(by: terms))
    }

    private func offer(
        of lines: [InvoiceLine],
        of invoice: Stripe.Invoice,
        _ terms: Stripe.Invoice.Terms
    ) throws(FieldError) -> CreditOffer? {
        let sold = try sold(by: lines, copied: terms.subscriptionMetadata)
        // An event embeds only the first lines, so it does not show how many credits the others sell.
        guard !sold.isAny || !terms.hasMoreLines else {
            let command =
                "tollgate purchases assign \(invoice.id) --customer \(invoice.customer ?? "cus_…") --credits …"
            throw FieldError(
                "data.object.lines", "sell credits but are not complete (has_more)",
                advice: "say how many with \(command)")
        }
        return offer(sold)
    }

    /// Whether the invoice sells credits and nothing else, however many.
    func isTopUp(_ invoice: Stripe.Invoice) throws(FieldError) -> Bool {
        guard invoice.subscription == nil else { return false }
        if try invoice.terms.get().metadata[metadataKey] != nil { return true }
        var sellsCredits = false
        for line in invoice.lines ?? [] {
            let sale = try line.sale.get()
            // What costs nothing is not a debt.
            guard (sale.amount ?? 1) > 0 else { continue }
            guard sale.metadata[metadataKey] != nil || sale.price.flatMap({ prices[$0] }) != nil else { return false }
            sellsCredits = true
        }
        return sellsCredits
    }

    // MARK: Lines

    /// What the lines sell in total.
    private struct Sold {
        /// Its path, for errors.
        var list = "data.object.lines"
        var credits: Int64 = 0
        /// What is paid for them, in the currency's smallest unit, after discounts and without taxes on top.
        var amount: Int64 = 0
        var source = CreditOffer.Source.prices
        /// Whether some line sells credits, or would if another took none back.
        var isAny = false

        mutating func add(_ credits: Int128, for amount: Int128) throws(FieldError) {
            let sum = Int128(self.credits) + credits
            guard sum <= Int128(CreditOffer.limit) else {
                throw FieldError(list, "sell more than \(CreditOffer.limit) credits")
            }
            self.credits = Int64(sum)
            self.amount = Int64(clamping: Int128(self.amount) + amount)
            isAny = true
        }

        /// A line that sells so many of a price. Without a quantity, or if it costs nothing, it sells nothing.
        mutating func add(
            _ quantity: Int64, of price: String?, listed amount: Int64?, for paid: Int64, at path: String,
            _ prices: [String: Price]
        ) throws(FieldError) {
            guard let price = price.flatMap({ prices[$0] }), quantity > 0, amount != 0 else { return }
            let (credits, overflow) = price.credits.multipliedReportingOverflow(by: quantity)
            guard !overflow, credits <= CreditOffer.limit else {
                throw FieldError(
                    "\(path).quantity", "sells more than \(CreditOffer.limit) credits", value: .integer(quantity))
            }
            try add(Int128(credits), for: Int128(paid))
        }
    }

    /// The value of a subscription's metadata on one of its lines.
    private struct Copy: Hashable {
        let subscription: String
        let value: JSON
    }

    /// What is paid for changes in the middle of a period, net of what is given back for them.
    private struct Prorated {
        var amount: Int128 = 0
        var discount: Int128 = 0
    }

    /// - Parameter copied: the subscription's metadata, if the invoice includes it.
    private func sold(by lines: [InvoiceLine], copied: Metadata? = nil) throws(FieldError) -> Sold {
        var sold = Sold()
        var copies: Set<Copy> = []
        var prorated: [String: Prorated] = [:]
        for line in lines {
            let sale = try line.sale.get()
            let paid = Int128(sale.amount ?? 0) - Int128(sale.discount)
            if sale.isProration {
                // It bills part of a period, while its subscription's metadata is about a whole one.
                guard let price = sale.price, prices[price]?.unitAmount != nil else { continue }
                prorated[price, default: Prorated()].amount += Int128(sale.amount ?? 0)
                prorated[price, default: Prorated()].discount += Int128(sale.discount)
                continue
            }
            // A line that gives money back sells nothing.
            guard (sale.amount ?? 0) >= 0 else { continue }
            if let credits = try sale.metadata.wholeNumber(metadataKey, in: 1...CreditOffer.limit) {
                sold.source = .metadata
                let isRepeated = copy(on: sale, of: copied).map { !copies.insert($0).inserted } ?? false
                try sold.add(isRepeated ? 0 : Int128(credits), for: max(0, paid))
            } else {
                try sold.add(
                    sale.quantity, of: sale.price, listed: sale.amount, for: Int64(clamping: max(0, paid)),
                    at: sale.path, prices)
            }
        }
        for (price, part) in prorated {
            guard let listed = prices[price], let unitAmount = listed.unitAmount else { continue }
            let amount = max(0, part.amount)
            guard amount <= Int128(Int64.max) else { throw FieldError("data.object.lines", "cost more than 64 bits") }
            try sold.add(
                Int128(listed.credits) * amount / Int128(unitAmount), for: max(0, amount - max(0, part.discount)))
        }
        return sold
    }

    /// Stripe copies a subscription's metadata to each of its lines: the value then counts only once.
    private func copy(on sale: InvoiceLine.Sale, of original: Metadata?) -> Copy? {
        guard let subscription = sale.subscription, let value = sale.metadata[metadataKey] else { return nil }
        if let original, original[metadataKey] != value { return nil }
        return Copy(subscription: subscription, value: value)
    }
}

extension CreditOffer {
    /// Reduced, in proportion, by what credit notes settled before the invoice was paid.
    fileprivate func reduced(by terms: Stripe.Invoice.Terms) throws(FieldError) -> CreditOffer? {
        guard terms.creditedBeforePayment > 0 else { return self }
        guard let total = terms.total else { throw FieldError("data.object.total", "is missing") }
        let rest = Int128(total) - Int128(terms.creditedBeforePayment)
        guard rest > 0 else { return nil }
        func part(of whole: Int64) -> Int64 { Int64(Int128(whole) * rest / Int128(total)) }
        let credits = part(of: self.credits)
        guard credits > 0 else { return nil }
        // Credits that cost something, however little, were not given away.
        let amount = lineAmount.map { max(1, part(of: $0)) }
        return CreditOffer(
            credits: credits, source: source, metadataKey: metadataKey, lineAmount: amount,
            metadataAmount: metadataAmount)
    }
}
