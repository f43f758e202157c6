// SPDX-License-Identifier: Apache-2.0

/// Amounts of money as people write them: Stripe gives them in the currency's smallest unit.
enum Money {
    /// Currencies without a smaller unit; Stripe still counts ISK and UGX in hundredths.
    private static let whole: Set = [
        "bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf",
    ]
    private static let thousandths: Set = ["bhd", "jod", "kwd", "omr", "tnd"]

    /// `25.00 usd`; `2500 (smallest unit)` if the currency is unknown.
    static func text(_ amount: Int64?, _ currency: String?) -> String? {
        guard let amount else { return nil }
        guard let currency else { return "\(amount) (smallest unit)" }
        let places = whole.contains(currency) ? 0 : thousandths.contains(currency) ? 3 : 2
        var digits = String(amount.magnitude)
        digits = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
        if places > 0 { digits.insert(".", at: digits.index(digits.endIndex, offsetBy: -places)) }
        return "\(amount < 0 ? "-" : "")\(digits) \(currency)"
    }
}
