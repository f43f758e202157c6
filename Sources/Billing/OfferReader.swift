import Stripe

/// Finds how many credits an object sells.
struct OfferReader {
    /// The metadata key that says so.
    let key: String
    /// How many credits one unit of a price buys.
    let prices: [String: Int64]

    /// What an object's metadata says; nil where it says nothing.
    func offer(in metadata: Metadata) throws(FieldError) -> Offer? {
        try metadata.wholeNumber(key, in: 1...Offer.limit).map { Offer(credits: $0, basis: .metadata, key: key) }
    }

    /// What a paid invoice sells: what its metadata says, else what its lines do.
    func offer(of invoice: Stripe.Invoice) throws(FieldError) -> Offer? {
        if let offer = try offer(in: invoice.metadata) { return offer }
        var total: Int64 = 0
        var basis: Offer.Basis = .prices
        for line in invoice.lines {
            guard let offer = try offer(of: line) else { continue }
            if offer.basis == .metadata { basis = .metadata }
            total += offer.credits
            guard total <= Offer.limit else {
                throw FieldError("data.object.lines", "sell more than \(Offer.limit) credits")
            }
        }
        guard total > 0 else { return nil }
        // An event embeds the first lines only: how many credits the others sell cannot be known from it.
        guard !invoice.hasMoreLines else {
            throw FieldError("data.object.lines", "sell credits but are not complete (has_more): grant them by hand")
        }
        return Offer(credits: total, basis: basis, key: key)
    }

    /// Whether the invoice sells credits and nothing else.
    func isTopUp(_ invoice: Stripe.Invoice) throws(FieldError) -> Bool {
        guard invoice.subscription == nil else { return false }
        if try offer(in: invoice.metadata) != nil { return true }
        let sold = invoice.lines.filter { ($0.amount ?? 0) >= 0 }
        for line in sold where try offer(of: line) == nil { return false }
        return !sold.isEmpty
    }

    /// What is given back, or comes in no quantity, sells nothing.
    private func offer(of line: InvoiceLine) throws(FieldError) -> Offer? {
        guard (line.amount ?? 0) >= 0 else { return nil }
        if let offer = try offer(in: line.metadata) { return offer }
        guard let price = line.price, let unit = prices[price], line.quantity > 0 else { return nil }
        let (credits, overflow) = unit.multipliedReportingOverflow(by: line.quantity)
        guard !overflow, credits <= Offer.limit else {
            throw FieldError("\(line.path).quantity", "sells more than \(Offer.limit) credits")
        }
        return Offer(credits: credits, basis: .prices, key: key)
    }
}
