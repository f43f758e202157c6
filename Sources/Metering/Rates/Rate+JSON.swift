// SPDX-License-Identifier: Apache-2.0

import Notation

extension Rate {
    private static let fields: Set<String> = [
        "provider", "model", "aliases", "effective_at", "tiers", "batch", "geo", "speed",
    ]

    /// Reads the format `tollgate`: prices by pool in dollars for a million tokens, a thousand searches or one unit.
    /// - Parameter path: where it stands, for errors.
    /// - Throws: also for a price, or factors, that could not be charged exactly. A price that is not positive is read.
    package init(_ json: JSON, at path: String = "") throws(FieldError) {
        let fields = try BookFields(json, at: path)
        let pools = fields.members.keys.compactMap(Pool.init)
        try fields.refuseOthers(
            than: Self.fields.union((Pool.tokens + [.webSearch]).map(\.name)).union(pools.map(\.name)))
        provider = try fields.name("provider")
        model = try fields.name("model")
        aliases = try fields.names("aliases")
        effectiveAt = try fields.instant("effective_at")
        prices = try Self.prices(fields)
        batch = try fields.factor("batch")
        geo = try fields.factors("geo")
        speed = try fields.factors("speed")
        let fineness = [batch.map { [$0] } ?? [], Array(geo.values), Array(speed.values)]
            .reduce(0) { $0 + ($1.map(\.decimals).max() ?? 0) }
        guard fineness <= UnitPrice.factorDecimals else {
            throw FieldError(
                path, "has factors with more than \(UnitPrice.factorDecimals) decimals together",
                advice: "give batch, geo and speed fewer decimals")
        }
        for (index, element) in try fields.elements("tiers").enumerated() {
            tiers.append(try tier(element, at: "\(fields.path(of: "tiers"))[\(index)]"))
        }
    }

    private func tier(_ json: JSON, at path: String) throws(FieldError) -> Tier {
        let fields = try BookFields(json, at: path)
        let tokens = Pool.tokens.filter { prices[$0] != nil }
        try fields.refuseOthers(than: Set(tokens.map(\.name)).union(["above"]))
        guard case .integer(let above) = fields.members["above"], above > tiers.last?.above ?? 0 else {
            throw fields.error("above", "is no number of tokens above that of the tier before")
        }
        let tiered = try Self.prices(fields)
        for pool in tokens where tiered[pool] == nil {
            throw fields.error(pool.name, "is missing", advice: "a tier names the price of each pool of tokens")
        }
        return Tier(above: above, prices: tiered)
    }

    private static func prices(_ fields: BookFields) throws(FieldError) -> [Pool: UnitPrice] {
        var prices: [Pool: UnitPrice] = [:]
        for key in fields.members.keys.sorted() {
            guard let pool = Pool(key), let number = try fields.decimal(key) else { continue }
            guard let price = UnitPrice(number, forPowerOfTen: pool.priceDigits) else {
                let decimals = UnitPrice.decimals - pool.priceDigits
                throw fields.error(
                    key, "is beyond what is charged exactly", advice: "give it at most \(decimals) decimals")
            }
            prices[pool] = price
        }
        return prices
    }

    /// In the format `tollgate`, with every number as a text.
    package var json: JSON {
        var members = Self.members(prices)
        members["provider"] = .string(provider)
        members["model"] = .string(model)
        members["effective_at"] = .string(effectiveAt.description)
        if !aliases.isEmpty { members["aliases"] = .array(aliases.map(JSON.string)) }
        if let batch { members["batch"] = .string(batch.description) }
        for (key, factors) in [("geo", geo), ("speed", speed)] where !factors.isEmpty {
            members[key] = .object(factors.mapValues { .string($0.description) })
        }
        if !tiers.isEmpty {
            members["tiers"] = .array(
                tiers.map { tier in
                    .object(Self.members(tier.prices).merging(["above": .integer(tier.above)]) { $1 })
                })
        }
        return .object(members)
    }

    private static func members(_ prices: [Pool: UnitPrice]) -> [String: JSON] {
        var members: [String: JSON] = [:]
        for (pool, price) in prices {
            members[pool.name] = .string(price.dollars(forPowerOfTen: pool.priceDigits).description)
        }
        return members
    }
}
