// SPDX-License-Identifier: Apache-2.0

import Notation
import TestSupport
import Testing

@testable import Metering

/// Every call of many random months comes to the same by two computations, to the last digit.
@Suite struct ExactnessTests {
    /// One customer's month.
    struct Month {
        var random: SeededRandom
        let naiveRates: [NaiveBill.Rate]
        /// From when the second rate holds.
        let change: Timestamp
        let book: RateBook
        let plan: Plan
        let creditValue: CreditValue
        var naive: NaiveBill

        init(seed: UInt64) throws {
            var random = SeededRandom(seed)
            let rates = (0..<2).map { _ in Month.rate(&random) }
            let instants = [Samples.start, Timestamp(seconds: Samples.start.seconds + random.within(1...1_000))]
            book = Samples.book(try zip(rates, instants).map { try Rate(Month.json($0, at: $1), at: "") })
            let naivePlan = NaiveBill.Plan(
                markup: random.within(1...30_000), included: random.pick(0, random.within(1...2_000)),
                tiers: [
                    (above: random.within(1...1_000), markup: random.within(1...30_000)),
                    (above: random.within(1_001...3_000), markup: random.within(1...30_000)),
                ])
            plan = try Plan(Month.json(naivePlan))
            let value = random.pick(Int64(1_000), 10, 250, 1_000_000, random.within(1...99_999))
            creditValue = try #require(DecimalNumber(Month.text(value, decimals: 6)).flatMap(CreditValue.init))
            naive = NaiveBill(plan: naivePlan, creditValue: Fraction(Int128(value), over: 1_000_000))
            (self.random, naiveRates, change) = (random, rates, instants[1])
        }
    }

    @Test func `100,000 random calls come to what a second computation with fractions says`() async throws {
        for seed in 0..<200 {
            // Other tests need this thread.
            await Task.yield()
            var month = try Month(seed: UInt64(seed))
            var (state, carried) = (MonthToDate(), Dollars.zero)
            var (charges, credits) = (Dollars.zero, Int64(0))
            for _ in 0..<500 {
                let (record, call, instant) = month.next()
                let rate = month.naiveRates[instant < month.change ? 0 : 1]
                let priced = try month.book.price(try record.read(), provider: "anthropic", at: instant)
                let receipt = try month.plan.receipt(
                    for: priced, version: "p", month: &state, carried: &carried, creditValue: month.creditValue)
                let cost = NaiveBill.cost(call, rate)
                let naive = month.naive.charge(cost)
                let isSame =
                    Self.isSame(receipt.cost, cost) && Self.isSame(receipt.charge, naive.charge)
                    && Int128(receipt.credits) == naive.credits && Self.isSame(receipt.remainder, month.naive.carried)
                try #require(isSame, "month \(seed): \(record) at \(instant) is \(receipt.json)")
                charges = try charges + receipt.charge
                credits += receipt.credits
            }
            let sum = month.naive.creditValue * Fraction(Int128(credits)) + month.naive.carried
            #expect(Self.isSame(charges, sum) && Self.isSame(carried, month.naive.carried))
        }
    }

    private static func isSame(_ dollars: Dollars, _ fraction: Fraction) -> Bool {
        fraction.equals(dollars.count, parts: 1_000_000_000_000_000_000_000_000)
    }
}

extension ExactnessTests.Month {
    private static let tokens = ["input", "output", "cache_write_5m", "cache_write_1h", "cache_read"]

    private static func prices(_ pools: [String], _ random: inout SeededRandom) -> [String: Int64] {
        Dictionary(
            uniqueKeysWithValues: pools.map { ($0, random.pick(random.within(1...99), random.within(1...75_000_000))) })
    }

    private static func rate(_ random: inout SeededRandom) -> NaiveBill.Rate {
        NaiveBill.Rate(
            prices: prices(tokens + ["web_search", "unit:image"], &random),
            tiers: [
                (above: random.within(1...100), prices: prices(tokens, &random)),
                (above: random.within(101...200_000), prices: prices(tokens, &random)),
            ],
            // 3, 2 and 3 decimals: 8 together.
            batch: random.within(1...999) * 10, geo: random.within(1...299) * 100, fast: random.within(1...9_999) * 10)
    }

    /// A decimal number of so many of 10^-`decimals`.
    private static func text(_ count: Int64, decimals: Int) -> String {
        let digits = "\(count)"
        let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
        return padded.dropLast(decimals) + "." + padded.suffix(decimals)
    }

    private static func json(_ rate: NaiveBill.Rate, at instant: Timestamp) -> JSON {
        func members(_ prices: [String: Int64]) -> [String: JSON] {
            prices.mapValues { .string(text($0, decimals: 6)) }
        }
        func factor(_ factor: Int64) -> JSON { .string(text(factor, decimals: 4)) }
        let others: [String: JSON] = [
            "provider": "anthropic", "model": "m", "effective_at": .string(instant.description),
            "batch": factor(rate.batch), "geo": ["us": factor(rate.geo)], "speed": ["fast": factor(rate.fast)],
            "tiers": .array(
                rate.tiers.map { tier in .object(members(tier.prices).merging(["above": .integer(tier.above)]) { $1 }) }
            ),
        ]
        return .object(members(rate.prices).merging(others) { $1 })
    }

    private static func json(_ plan: NaiveBill.Plan) -> JSON {
        [
            "bill": "credits", "markup": .string(text(plan.markup, decimals: 4)),
            "included": .string(text(plan.included, decimals: 2)),
            "tiers": .array(
                plan.tiers.map { tier in
                    [
                        "above": .string(text(tier.above, decimals: 2)),
                        "markup": .string(text(tier.markup, decimals: 4)),
                    ]
                }),
        ]
    }

    /// A random call of a random dialect, often at the edge of a tier or of a price's instant.
    mutating func next() -> (record: UsageRecord, call: NaiveBill.Call, instant: Timestamp) {
        let dialect = random.pick(UsageRecord.Dialect.anthropic, .openai, .tokens)
        var quantities: [String: Int64] = [:]
        for pool in Self.tokens where !random.one(in: 4) {
            quantities[pool] = random.pick(0, random.within(1...50), random.within(1...50_000))
        }
        if dialect == .openai { quantities["cache_write_1h"] = nil }
        if dialect != .openai { quantities["web_search"] = random.within(0...3) }
        if dialect == .tokens { quantities["unit:image"] = random.within(0...3) }
        let shift = random.pick(-1_000_000_000, -1, 0, 1, 1_000_000_000)
        let instant = max(Samples.start, Timestamp(microseconds: change.microseconds + Int64(shift)))
        if random.one(in: 3) {
            let others = ["cache_write_5m", "cache_write_1h", "cache_read"].reduce(0) { $0 + (quantities[$1] ?? 0) }
            let rate = naiveRates[instant < change ? 0 : 1]
            let edge = random.pick(rate.tiers[0].above, rate.tiers[1].above) + random.pick(0, 1)
            if edge >= others { quantities["input"] = edge - others }
        }
        let isAnthropic = dialect == .anthropic
        let call = NaiveBill.Call(
            quantities: quantities, isBatch: random.one(in: 3), isGeo: isAnthropic && random.one(in: 3),
            isFast: isAnthropic && random.one(in: 3))
        let record = UsageRecord(
            provider: "anthropic", dialect: dialect, model: "m", usage: Self.usage(call, dialect), isBatch: call.isBatch
        )
        return (record, call, instant)
    }

    private static func usage(_ call: NaiveBill.Call, _ dialect: UsageRecord.Dialect) -> JSON {
        func number(_ pool: String) -> JSON { call.quantities[pool].map(JSON.integer) ?? .null }
        func sum(_ pools: String...) -> JSON { .integer(pools.reduce(0) { $0 + (call.quantities[$1] ?? 0) }) }
        switch dialect {
        case .anthropic:
            return [
                "input_tokens": sum("input"), "output_tokens": sum("output"),
                "cache_read_input_tokens": number("cache_read"),
                "cache_creation_input_tokens": sum("cache_write_5m", "cache_write_1h"),
                "cache_creation": [
                    "ephemeral_5m_input_tokens": sum("cache_write_5m"),
                    "ephemeral_1h_input_tokens": sum("cache_write_1h"),
                ], "server_tool_use": ["web_search_requests": number("web_search")],
                "inference_geo": call.isGeo ? "us" : .null, "speed": call.isFast ? "fast" : "standard",
                "service_tier": call.isBatch ? "batch" : "standard",
            ]
        case .openai:
            return [
                "prompt_tokens": sum("input", "cache_read", "cache_write_5m"), "completion_tokens": sum("output"),
                "prompt_tokens_details": [
                    "cached_tokens": number("cache_read"), "cache_write_tokens": number("cache_write_5m"),
                ],
            ]
        case .tokens: return .object(call.quantities.mapValues(JSON.integer))
        }
    }
}
