// SPDX-License-Identifier: Apache-2.0

extension Plan {
    /// What a cost is charged, exactly, after what the month has come to.
    /// - Parameter month: then includes it; unchanged if this throws.
    func charge(for cost: Dollars, _ month: inout MonthToDate) throws(DollarOverflow) -> Dollars {
        let total = try month.cost + cost
        let markedUp = try month.markedUp + (try markedUp(total) - (try self.markedUp(month.cost)))
        let charge = try beyondIncluded(markedUp) - (try beyondIncluded(month.markedUp))
        month = MonthToDate(cost: total, markedUp: markedUp)
        return charge
    }

    /// A month's cost from its start, each part with the markup of its tier.
    private func markedUp(_ cost: Dollars) throws(DollarOverflow) -> Dollars {
        var sum = Dollars.zero
        var from = Dollars.zero
        var markup = markup
        for tier in tiers where tier.above < cost {
            sum = try sum + (try (tier.above - from) * markup)
            (from, markup) = (tier.above, tier.markup)
        }
        return try sum + (try (cost - from) * markup)
    }

    private func beyondIncluded(_ amount: Dollars) throws(DollarOverflow) -> Dollars {
        max(.zero, try amount - included)
    }
}
