// SPDX-License-Identifier: Apache-2.0

import Notation

extension RateDraft {
    /// What of the draft an operator should look at before approving it; empty if nothing.
    /// - Parameters:
    ///   - book: what its rates would follow.
    ///   - used: models that customers use.
    package func lint(after book: RateBook, used: [(provider: String, model: String)] = []) -> [RateFinding] {
        var findings = rates.flatMap { Self.lint($0, after: book) }
        let names = Set(rates.flatMap { rate in ([rate.model] + rate.aliases).map { [rate.provider, $0] } })
        for (provider, model) in used where !names.contains([provider, model]) {
            guard book.version(provider: provider, model: model, at: Timestamp.range.upperBound) == nil else {
                continue
            }
            findings.append(
                RateFinding(kind: .missing, provider: provider, model: model, pool: nil, tierAbove: nil))
        }
        return findings
    }

    private static func lint(_ rate: Rate, after book: RateBook) -> [RateFinding] {
        let former = book.version(provider: rate.provider, model: rate.model, at: rate.effectiveAt)?.rate
        var findings: [RateFinding] = []
        for tier in [nil] + rate.tiers.map(Optional.some) {
            let prices = tier?.prices ?? rate.prices
            // A tier was compared with its own kind, if there was one.
            let before = tier.map { tier in former?.tiers.first { $0.above == tier.above }?.prices } ?? former?.prices
            let others = tier == nil ? nil : rate.prices
            for (pool, price) in prices.sorted(by: { $0.key < $1.key }) {
                let kinds = suspicions(pool, price, prices, compared: [before, others].compactMap { $0?[pool] })
                findings += kinds.map {
                    RateFinding(
                        kind: $0, provider: rate.provider, model: rate.model, pool: pool, tierAbove: tier?.above)
                }
            }
        }
        return findings
    }

    private static func suspicions(
        _ pool: Pool, _ price: UnitPrice, _ prices: [Pool: UnitPrice], compared others: [UnitPrice]
    ) -> [RateFinding.Kind] {
        guard price.picodollars > 0 else { return [price.picodollars == 0 ? .zero : .negative] }
        var kinds: [RateFinding.Kind] = []
        if pool == .cacheWrite1h, let short = prices[.cacheWrite5m], price < short { kinds.append(.write1hBelow5m) }
        if pool == .cacheRead, let input = prices[.input], price > input { kinds.append(.readAboveInput) }
        // Reading from the cache may cost a fortieth of the input.
        let isComparedWithInput = pool.isTokens && pool != .input && pool != .cacheRead
        let input = isComparedWithInput ? prices[.input] : nil
        if (others + [input].compactMap(\.self)).contains(where: { isFar(price, from: $0) }) { kinds.append(.outlier) }
        return kinds
    }

    private static func isFar(_ price: UnitPrice, from other: UnitPrice) -> Bool {
        let (one, two) = (Int128(price.picodollars), Int128(other.picodollars))
        return two > 0 && (one >= 12 * two || two >= 12 * one)
    }
}
