// SPDX-License-Identifier: Apache-2.0

/// What a call costs and is charged, computed step by step from plain numbers as the contract says it in words.
struct NaiveBill {
    struct Rate {
        /// Dollars for a million tokens (a thousand searches, one image), times a million, by the pool's name.
        var prices: [String: Int64]
        var tiers: [(above: Int64, prices: [String: Int64])]
        /// Times ten thousand.
        var batch: Int64
        var geo: Int64
        var fast: Int64
    }

    struct Call {
        var quantities: [String: Int64]
        var isBatch: Bool
        var isGeo: Bool
        var isFast: Bool
    }

    struct Plan {
        /// Times ten thousand.
        var markup: Int64
        /// In cents.
        var included: Int64
        /// In cents, and times ten thousand.
        var tiers: [(above: Int64, markup: Int64)]
    }

    let plan: Plan
    let creditValue: Fraction
    private var monthCost = Fraction(0)
    private var allowance: Fraction
    private(set) var carried = Fraction(0)

    init(plan: Plan, creditValue: Fraction) {
        self.plan = plan
        self.creditValue = creditValue
        allowance = Fraction(Int128(plan.included), over: 100)
    }

    static func cost(_ call: Call, _ rate: Rate) -> Fraction {
        let prompt = ["input", "cache_write_5m", "cache_write_1h", "cache_read"].reduce(0) {
            $0 + (call.quantities[$1] ?? 0)
        }
        var tier = rate.prices
        for candidate in rate.tiers where prompt > candidate.above {
            for (pool, price) in candidate.prices { tier[pool] = price }
        }
        var factor = Fraction(1)
        if call.isBatch { factor = factor * Fraction(Int128(rate.batch), over: 10_000) }
        if call.isGeo { factor = factor * Fraction(Int128(rate.geo), over: 10_000) }
        if call.isFast { factor = factor * Fraction(Int128(rate.fast), over: 10_000) }
        // In millionths of a price's unit.
        var (tokens, searches, images) = (Int128(0), Int128(0), Int128(0))
        for (pool, quantity) in call.quantities {
            let product = Int128(tier[pool] ?? 0) * Int128(quantity)
            switch pool {
            case "web_search": searches += product
            case "unit:image": images += product
            default: tokens += product
            }
        }
        return Fraction(tokens, over: 1_000_000_000_000) * factor + Fraction(searches, over: 1_000_000_000)
            + Fraction(images, over: 1_000_000)
    }

    /// Walks through the tiers of the month from where it is.
    mutating func charge(_ cost: Fraction) -> (charge: Fraction, credits: Int128) {
        var rest = cost
        var markedUp = Fraction(0)
        while rest.top > 0 {
            var markup = plan.markup
            var end: Fraction?
            for tier in plan.tiers {
                let above = Fraction(Int128(tier.above), over: 100)
                if monthCost < above {
                    end = above
                    break
                }
                markup = tier.markup
            }
            var part = rest
            if let end, end - monthCost < rest { part = end - monthCost }
            markedUp = markedUp + part * Fraction(Int128(markup), over: 10_000)
            monthCost = monthCost + part
            rest = rest - part
        }
        let free = allowance < markedUp ? allowance : markedUp
        allowance = allowance - free
        let charge = markedUp - free
        let owed = carried + charge
        let credits = Fraction(owed.top * creditValue.bottom, over: owed.bottom * creditValue.top).floor
        carried = owed - creditValue * Fraction(credits)
        return (charge, credits)
    }
}
