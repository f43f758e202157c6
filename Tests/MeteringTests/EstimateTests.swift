// SPDX-License-Identifier: Apache-2.0

import Notation
import Testing

@testable import Metering

@Suite struct EstimateTests {
    private static let thresholds = Estimate.Thresholds(tokens: 100_000, cost: Samples.dollars("9.999999"))

    private static func estimate(
        _ request: EstimateRequest, plan: Plan = .standard, month: MonthToDate = MonthToDate(), spendable: Int64 = 1_000
    ) throws -> Estimate {
        try Samples.book([try Samples.rate(PricingTests.sonnet)]).estimate(
            request, at: Samples.start, plan: plan, month: month,
            creditValue: try #require(DecimalNumber("0.001").flatMap(CreditValue.init)), spendable: spendable,
            thresholds: thresholds)
    }

    private static func request(_ input: Int64, _ output: Int64) -> EstimateRequest {
        EstimateRequest(provider: "anthropic", model: "m", inputTokens: input, maxOutputTokens: output)
    }

    @Test func `it is the context and the longest answer, in credits rounded up`() throws {
        let estimate = try Self.estimate(Self.request(1000, 100))
        #expect(estimate.cost.description == "0.0045" && estimate.charge == estimate.cost)
        #expect(estimate.credits == 5 && estimate.warning == nil && estimate.isEnough)
        #expect(try Self.estimate(Self.request(1000, 200)).credits == 6)
        #expect(try Self.estimate(Self.request(0, 0)).credits == 0)
    }

    @Test func `it is of the tier that the prompt will be in, whose cached tokens count`() throws {
        var request = Self.request(100_000, 1000)
        request.cacheReadTokens = 50_000
        request.cacheWrite5mTokens = 25_000
        request.cacheWrite1hTokens = 25_000
        #expect(try Self.estimate(request).cost.description == "0.57375")
        request.inputTokens += 1
        #expect(try Self.estimate(request).cost.description == "1.140006")
        request.isBatch = true
        #expect(try Self.estimate(request).cost.description == "0.570003")
    }

    @Test func `it warns above the thresholds, and of the graver one`() throws {
        #expect(try Self.estimate(Self.request(100_000, 0)).warning == nil)
        #expect(try Self.estimate(Self.request(100_001, 0)).warning == .longContext)
        var cached = Self.request(1, 0)
        cached.cacheReadTokens = 100_000
        #expect(try Self.estimate(cached).warning == .longContext)
        // Exactly as much as the threshold.
        #expect(try Self.estimate(Self.request(3, 666_666)).warning == nil)
        #expect(try Self.estimate(Self.request(4, 666_666)).warning == .expensive)
        #expect(try Self.estimate(Self.request(300_001, 666_666)).warning == .expensive)
    }

    @Test func `the plan charges it, and says whether there are enough credits`() throws {
        var plan = Plan.standard
        plan.included = Samples.dollars("1")
        let month = MonthToDate(cost: Samples.dollars("0.999"), markedUp: Samples.dollars("0.999"))
        let charged = try Self.estimate(Self.request(1000, 0), plan: plan, month: month, spendable: 2)
        #expect(charged.charge.description == "0.002" && charged.credits == 2 && charged.isEnough)
        #expect(try !Self.estimate(Self.request(1000, 0), plan: plan, month: month, spendable: 1).isEnough)
        // Who owes something may still do what is free.
        #expect(try Self.estimate(Self.request(1, 0), plan: plan, spendable: -5).isEnough)
        plan.bill = .meter
        let metered = try Self.estimate(Self.request(1000, 0), plan: plan, month: month, spendable: -5)
        #expect(metered.charge.description == "0.002" && metered.credits == 0 && metered.isEnough)
    }

    @Test func `a number of tokens is neither negative nor absurd`() throws {
        for wrong in [-1, 1_000_000_000_001] as [Int64] {
            let fault = try #require(throws: UsageFault.self) { try Self.estimate(Self.request(1, wrong)) }
            #expect(fault.description == "max_output_tokens is no number of tokens: \(wrong)")
        }
    }

    @Test func `what has no price is named, without advice that is for records`() throws {
        var request = Self.request(1, 1)
        request.model = "n"
        let unknown = try #require(throws: UsageFault.self) { try Self.estimate(request) }
        #expect(unknown.reason == .rate && unknown.field.advice == nil)
        #expect(unknown.field.reason.hasPrefix("has no rate of its provider at 20"))
        let book = Samples.book([try Samples.rate(#""model":"m","input":"1""#)])
        let unpriced = try #require(throws: UsageFault.self) {
            try book.estimate(
                Self.request(1, 1), at: Samples.start, plan: .standard, month: MonthToDate(),
                creditValue: ChargePolicy.standard.creditValue, spendable: 0, thresholds: Self.thresholds)
        }
        #expect(unpriced.reason == .price && unpriced.field.advice == nil)
        #expect(unpriced.field.reason == "is of a rate that has no price of output")
    }
}
