// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Metering

@Suite struct PlanBookTests {
    private static func version(_ name: String, _ prices: String...) -> PlanBook.Version {
        var plan = Plan.standard
        plan.prices = prices
        return PlanBook.Version(id: "plan_\(name)", name: name, plan: plan)
    }

    private static let book = PlanBook([
        version("pro", "price_2"), version("default"), version("basic", "price_1", "price_3"),
    ])

    @Test(arguments: [
        ([], "default", "default"), (["price_0"], "default", "default"), (["price_0", "price_2"], "default", "pro"),
        // Of several plans the first by name, in whatever order the prices come.
        (["price_2", "price_3"], "default", "basic"), (["price_3", "price_2"], "default", "basic"),
        (["price_2"], "basic", "pro"), (["price_0"], "basic", "basic"), (["price_0"], "gold", nil),
        (["price_2"], "gold", "pro"),
    ])
    func `a customer's plan is that of its prices, else that of everybody`(
        _ prices: [String], _ standard: String, _ name: String?
    ) {
        #expect(Self.book.version(ofPrices: prices, standard: standard)?.name == name)
    }

    @Test func `plans are listed by name`() {
        #expect(Self.book.versions.map(\.name) == ["basic", "default", "pro"])
    }
}
