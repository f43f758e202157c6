// SPDX-License-Identifier: Apache-2.0

import Notation
import Testing

@testable import Metering

@Suite struct DollarsTests {
    @Test(arguments: [
        ("0.054399", "0.054399"), ("3.750", "3.75"), ("0", "0"), ("-0.5", "-0.5"), ("20.00", "20"),
        ("0.000000000000000000000001", "0.000000000000000000000001"),
        ("-99999999999999.999999999999999999999999", "-99999999999999.999999999999999999999999"),
        ("-0", "0"), ("100", "100"),
    ])
    func `an amount is printed as it was read, without zeros at its end`(_ text: String, _ printed: String) {
        #expect(Dollars(text)?.description == printed)
    }

    @Test(arguments: [
        "", "-", ".", "1.", ".5", "+1", "1e-6", " 1", "1 ", "1,5", "01", "00.5", "1.2.3", "--1", "NaN", "١",
        "0.0000000000000000000000001", "1000000000000000", "999999999999999999999999999999999999999",
    ])
    func `what is no amount, or too fine or too large a one, is not read`(_ text: String) {
        #expect(Dollars(text) == nil)
    }

    @Test func `a number of JSON is read as it is written, and refused if it has too many digits`() throws {
        func number(_ text: String) throws -> String? {
            DecimalNumber(try JSON(bytes: Array(text.utf8)))?.description
        }
        #expect(try number("3.75e-06") == "0.00000375")
        #expect(try number("0.1") == "0.1")
        #expect(try number("15") == "15")
        #expect(try number("-2.5") == "-2.5")
        #expect(try number("1.25e20") == "125000000000000000000")
        #expect(try number("\"0.123456789012345678\"") == "0.123456789012345678")
        #expect(try number("0.12345678901234567") == nil)
        #expect(try number("1e300") == nil)
        #expect(try number("true") == nil)
    }

    @Test func `sums and products are exact`() throws {
        let amount = try #require(Dollars("0.054399"))
        let markup = try #require(DecimalNumber("1.33").flatMap(Factor.init))
        #expect(try (amount * markup).description == "0.07235067")
        #expect(try (amount + amount - amount) == amount)
        #expect(try #require(Dollars("-1")) < .zero)
    }

    @Test func `what 128 bits do not hold is refused`() throws {
        let most = Dollars(count: .max)
        let half = try #require(DecimalNumber("0.5").flatMap(Factor.init))
        let two = try #require(DecimalNumber("2").flatMap(Factor.init))
        let least = Dollars(count: 1)
        #expect(throws: DollarOverflow.self) { try most + least }
        #expect(throws: DollarOverflow.self) { try Dollars(count: .min) - least }
        #expect(throws: DollarOverflow.self) { try most * two }
        // A result between two units would be rounded.
        #expect(throws: DollarOverflow.self) { try least * half }
    }

    @Test(arguments: [
        ("0.0001", true), ("0.00001", false), ("0", false), ("-1", false), ("1000000", true), ("1000000.1", false),
    ])
    func `a factor is more than 0, has four decimals, and is at most a million`(_ text: String, _ isFactor: Bool) {
        #expect((DecimalNumber(text).flatMap(Factor.init) != nil) == isFactor)
    }
}
