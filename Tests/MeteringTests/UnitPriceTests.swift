// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Metering

@Suite struct UnitPriceTests {
    @Test func `a price has twelve decimals for one, and eight of factors are exact`() throws {
        let number = try #require(DecimalNumber("0.000001"))
        let price = try #require(UnitPrice(number, forPowerOfTen: 6))
        #expect(price.picodollars == 1)
        #expect(UnitPrice(try #require(DecimalNumber("0.0000001")), forPowerOfTen: 6) == nil)
        #expect(UnitPrice(try #require(DecimalNumber("10000000")), forPowerOfTen: 0) == nil)
        #expect(price.dollars(forPowerOfTen: 6) == number)
        let fine = try #require(DecimalNumber("1.0001").flatMap(Factor.init))
        #expect(try price.cost(of: 3, factors: [fine, fine]).description == "0.00000000000300060003")
        #expect(throws: DollarOverflow.self) { try price.cost(of: 3, factors: [fine, fine, fine, fine]) }
        let dear = UnitPrice(picodollars: .max)
        #expect(throws: DollarOverflow.self) { try dear.cost(of: .max, factors: []) }
        #expect(throws: DollarOverflow.self) { try dear.cost(of: .min, factors: [fine]) }
    }
}
