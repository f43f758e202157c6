// SPDX-License-Identifier: Apache-2.0

extension Dollars: CustomStringConvertible {
    /// Reads `0.054399`; nil for anything but a decimal number, for more than 24 decimals, and for what 128 bits do not
    /// hold.
    package init?(_ text: String) {
        guard let number = DecimalNumber(text), let dollars = Dollars(number) else { return nil }
        self = dollars
    }

    package init?(_ number: DecimalNumber) {
        guard let count = number.count(decimals: Self.decimals) else { return nil }
        self.init(count: count)
    }

    package var number: DecimalNumber { DecimalNumber(coefficient: count, decimals: Self.decimals) }

    /// All of its digits, without an exponent or zeros at the end: `0.054399`.
    package var description: String { number.description }
}
