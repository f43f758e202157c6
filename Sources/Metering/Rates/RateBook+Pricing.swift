// SPDX-License-Identifier: Apache-2.0

import Notation

extension RateBook {
    /// What a call costs by the rates that held at `instant`.
    /// - Throws: `UsageFault` if there is no rate of a model, no price of a pool, no factor of a condition, or one that
    ///   is not positive.
    package func price(
        _ reading: UsageReading, provider: String, at instant: Timestamp, knownBy: Timestamp? = nil
    ) throws(UsageFault) -> PricedUsage {
        var priced = PricedUsage()
        for portion in reading.portions {
            guard let version = version(provider: provider, model: portion.model, at: instant, knownBy: knownBy) else {
                throw UsageFault(
                    .rate, "model", "has no rate of its provider at \(instant)", value: .string(portion.model),
                    advice: "import and approve one for the provider \"\(provider)\", then replay the record")
            }
            if priced.version == nil { priced.version = version.id }
            try price(portion, by: version, into: &priced)
        }
        return priced
    }

    private func price(_ portion: Portion, by version: Version, into priced: inout PricedUsage) throws(UsageFault) {
        let rate = version.rate
        let prices = rate.prices(forPrompt: portion.promptTokens)
        let used = portion.quantities.filter { $0.value > 0 }
        let tools = portion.serverTools.filter { $0.value > 0 && prices[$0.key] != nil }
        let factors = used.keys.contains(where: \.isTokens) ? try rate.factors(for: portion) : [:]
        for (pool, quantity) in used.merging(tools, uniquingKeysWith: +).sorted(by: { $0.key < $1.key }) {
            guard let price = prices[pool] else { throw rate.fault("has no price of \(pool.name)") }
            guard price.picodollars > 0 else { throw rate.fault("has a price of \(pool.name) that is not positive") }
            let applied = pool.isTokens ? factors : [:]
            let cost = try UsageFault.counting { () throws(DollarOverflow) in
                try price.cost(of: quantity, factors: Array(applied.values))
            }
            priced.cost = try UsageFault.counting { () throws(DollarOverflow) in try priced.cost + cost }
            priced.lines.append(
                ReceiptLine(
                    model: portion.model, version: version.id, pool: pool, quantity: quantity,
                    rate: price.dollars(forPowerOfTen: pool.priceDigits), factors: applied, cost: cost))
        }
    }
}

extension Rate {
    /// By their names: `batch`, `geo:us`, `speed:fast`.
    fileprivate func factors(for portion: Portion) throws(UsageFault) -> [String: Factor] {
        var factors: [String: Factor] = [:]
        if portion.isBatch { factors["batch"] = try factor(batch, "batch") }
        if let name = portion.geo { factors["geo:\(name)"] = try factor(geo[name], "geo \"\(name)\"") }
        if let name = portion.speed { factors["speed:\(name)"] = try factor(speed[name], "speed \"\(name)\"") }
        return factors
    }

    private func factor(_ factor: Factor?, _ name: String) throws(UsageFault) -> Factor {
        guard let factor else { throw fault("has no factor of \(name)") }
        return factor
    }

    fileprivate func fault(_ words: String) -> UsageFault {
        UsageFault(
            .price, "model", "is of a rate that \(words)", value: .string(model),
            advice: "approve a rate that has it and holds at the time of the call, then replay the record")
    }
}
