// SPDX-License-Identifier: Apache-2.0

import Notation
import Testing

@testable import Metering

@Suite struct PlanTests {
    private static let milli = DecimalNumber("0.001").flatMap(CreditValue.init)

    private static func usage(_ cost: String) -> PricedUsage {
        var usage = PricedUsage()
        usage.cost = Samples.dollars(cost)
        usage.version = "rate_1"
        return usage
    }

    private static func plan(_ members: String) throws -> Plan { try Plan(try Samples.json("{\(members)}")) }

    @Test func `the contract's receipt`() throws {
        let book = Samples.book([try Samples.rate(PricingTests.sonnet)])
        let call = """
            {"input_tokens":3,"cache_creation_input_tokens":12304,"cache_read_input_tokens":0,"output_tokens":550}
            """
        let priced = try Samples.price(call, by: book)
        var month = MonthToDate()
        var carried = Dollars.zero
        let receipt = try Self.plan(#""markup":"1.33","bill":"credits""#).receipt(
            for: priced, version: "plan_1", month: &month, carried: &carried, creditValue: try #require(Self.milli))
        let expected = """
            {"charge":"0.07235067","cost":"0.054399","credits":72,"lines":[
            {"cost":"0.000009","pool":"input","quantity":3,"rate":"3"},
            {"cost":"0.00825","pool":"output","quantity":550,"rate":"15"},
            {"cost":"0.04614","pool":"cache_write_5m","quantity":12304,"rate":"3.75"}],
            "plan":"plan_1","rate":"rate_0","remainder":"0.00035067"}
            """
        #expect(receipt.json == (try Samples.json(expected)))
        #expect(carried.description == "0.00035067")
        #expect(month == MonthToDate(cost: Samples.dollars("0.054399"), markedUp: Samples.dollars("0.07235067")))
    }

    @Test func `a line of a batch has its factors, and one of another rate its model`() throws {
        let book = Samples.book([
            try Samples.rate(PricingTests.sonnet), try Samples.rate(#""model":"other","input":"1","batch":"0.5""#),
        ])
        let call = """
            {"input_tokens":0,"output_tokens":0,"iterations":[{"input_tokens":1,"output_tokens":0},
             {"type":"advisor_message","model":"other","input_tokens":1,"output_tokens":0}]}
            """
        let priced = try Samples.price(call, by: book, isBatch: true)
        var (month, carried) = (MonthToDate(), Dollars.zero)
        let receipt = try Plan.standard.receipt(
            for: priced, version: "plan_1", month: &month, carried: &carried, creditValue: try #require(Self.milli))
        let expected = """
            [{"cost":"0.0000015","factors":{"batch":"0.5"},"pool":"input","quantity":1,"rate":"3"},
             {"cost":"0.0000005","factors":{"batch":"0.5"},"model":"other","pool":"input","quantity":1,"rate":"1",
              "version":"rate_1"}]
            """
        #expect(receipt.json["lines"] == (try Samples.json(expected)))
    }

    /// Markup 2, then 1.5 above 10, then 1 above 20; 15 of the charge are included.
    @Test(arguments: [
        // Cost so far, cost, charge.
        ("0", "7.5", "0"), ("0", "7.500001", "0.000002"), ("0", "10", "5"), ("10", "0.000001", "0.0000015"),
        ("9.999999", "0.000002", "0.0000035"), ("20", "1", "1"), ("19", "2", "2.5"), ("0", "25", "25"), ("7", "1", "1"),
        ("0", "0", "0"),
        // Corrections take back what was charged.
        ("10", "-2.5", "-5"), ("21", "-2", "-2.5"), ("8", "-1", "-1"),
    ])
    func `each part of the month's cost has its own markup, and what is included is free`(
        _ before: String, _ cost: String, _ charge: String
    ) throws {
        let plan = try Self.plan(
            """
            "markup":"2","bill":"credits","included":"15.00",
            "tiers":[{"above":"10","markup":"1.5"},{"above":"20","markup":"1"}]
            """)
        var month = MonthToDate()
        _ = try plan.charge(for: Samples.dollars(before), &month)
        #expect(try plan.charge(for: Samples.dollars(cost), &month) == Samples.dollars(charge))
    }

    @Test func `another plan counts what the month has come to, and prices only what comes then`() throws {
        var month = MonthToDate(cost: Samples.dollars("8"), markedUp: Samples.dollars("16"))
        let plan = try Self.plan(#""markup":"1","bill":"credits","included":"17","tiers":[{"above":"9","markup":"3"}]"#)
        #expect(try plan.charge(for: Samples.dollars("2"), &month) == Samples.dollars("3"))
        #expect(month == MonthToDate(cost: Samples.dollars("10"), markedUp: Samples.dollars("20")))
    }

    @Test(arguments: [
        ("0", "0.0009", 0, "0.0009"), ("0.0009", "0.0001", 1, "0"), ("0.0009", "0.0000999", 0, "0.0009999"),
        ("0.0005", "5", 5000, "0.0005"), ("0.0005", "-0.0006", -1, "0.0009"), ("0", "-0.002", -2, "0"),
    ])
    func `credits are rounded down, and the rest is carried`(
        _ carried: String, _ charge: String, _ credits: Int64, _ remainder: String
    ) throws {
        let value = try #require(Self.milli)
        let (whole, rest) = try value.split(try Samples.dollars(carried) + Samples.dollars(charge))
        #expect(whole == credits)
        #expect(rest == Samples.dollars(remainder))
    }

    @Test(arguments: ["meter", "none"]) func `a plan that takes no credits leaves what is carried`(_ bill: String)
        throws
    {
        var (month, carried) = (MonthToDate(), Samples.dollars("0.0005"))
        let receipt = try Self.plan(#""markup":"1","bill":"\#(bill)""#).receipt(
            for: Self.usage("3"), version: "p", month: &month, carried: &carried, creditValue: try #require(Self.milli))
        #expect(receipt.charge == Samples.dollars("3") && receipt.credits == 0)
        #expect(carried == Samples.dollars("0.0005") && receipt.remainder == carried)
    }

    @Test func `more than is counted is refused, and changes nothing`() throws {
        var (month, carried) = (MonthToDate(), Dollars.zero)
        var usage = Self.usage("1")
        let value = try #require(DecimalNumber("0.000000000001").flatMap(CreditValue.init))
        for cost in [Dollars(count: .max), Samples.dollars("99999999999999")] {
            usage.cost = cost
            let fault = #expect(throws: UsageFault.self) {
                try Plan.standard.receipt(
                    for: usage, version: "p", month: &month, carried: &carried, creditValue: value)
            }
            #expect(fault?.reason == .amount)
        }
        #expect(month == MonthToDate() && carried == .zero)
    }

    @Test func `a credit is worth something`() {
        #expect(DecimalNumber("0").flatMap(CreditValue.init) == nil)
        #expect(DecimalNumber("-1").flatMap(CreditValue.init) == nil)
        #expect(DecimalNumber("0.0000000000001").flatMap(CreditValue.init) == nil)
    }

    @Test func `a plan is read`() throws {
        let plan = try Self.plan(
            """
            "markup":1.33,"bill":"meter","included":null,"tiers":[{"above":1000,"markup":"1.2"}],"prices":["price_1"]
            """
        )
        let tier = Plan.Tier(above: Samples.dollars("1000"), markup: try #require(Samples.factor("1.2")))
        let markup = try #require(Samples.factor("1.33"))
        #expect(plan == Plan(markup: markup, bill: .meter, tiers: [tier], prices: ["price_1"]))
    }

    @Test(arguments: [
        (#""bill":"credits""#, "markup is missing"), (#""markup":"0","bill":"none""#, "markup is no factor"),
        (#""markup":"1.00001","bill":"none""#, "markup is no factor"), (#""markup":"1""#, "bill is none of"),
        (#""markup":"1","bill":"card""#, "bill is none of credits, meter, none"),
        (#""markup":"1","bill":"none","included":"-1""#, "included is no amount"),
        (#""markup":"1","bill":"none","included":"0.0000000000001""#, "included is no amount"),
        (#""markup":"1","bill":"none","tier":[]"#, "tier is no field here"),
        (#""markup":"1","bill":"none","tiers":[{"above":"0","markup":"1"}]"#, "tiers[0].above is no amount above"),
        (
            #""markup":"1","bill":"none","tiers":[{"above":"2","markup":"1"},{"above":"2","markup":"1"}]"#,
            "tiers[1].above is no amount above"
        ),
        (#""markup":"1","bill":"none","tiers":[{"above":"2"}]"#, "tiers[0].markup is missing"),
        (#""markup":"1","bill":"none","prices":["a","a"]"#, "prices has a name twice"),
    ])
    func `a plan that could not be charged is refused with its place`(_ members: String, _ words: String) throws {
        let error = try #require(throws: FieldError.self) { try Self.plan(members) }
        #expect(error.description.hasPrefix(words), "\(error)")
    }

    @Test(arguments: [
        #"{"markup":"1","bill":"none","prices":[]}"#,
        """
        {"markup":"1.33","bill":"credits","included":"20","tiers":[{"above":"1000","markup":"1.2"},
         {"above":"1000.000000000001","markup":"0.0001"}],"prices":["price_1","gold.monthly"]}
        """,
    ])
    func `a plan reads as it is written`(_ text: String) throws {
        let json = try Samples.json(text)
        #expect(try Plan(json).json == json)
        #expect(try Plan(Plan(json).json) == Plan(json))
    }
}
