// SPDX-License-Identifier: Apache-2.0

/// A length of time as it is written: a whole number and its unit, `300s`, `15m`, `72h`, `90d`.
package enum DurationText {
    /// - Returns: nil for any other text, and for what no `Int64` can hold.
    package static func seconds(_ text: String) -> Int64? {
        let digits = text.utf8.prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        let unit: Int64? =
            switch text.utf8.dropFirst(digits.count).first.map({ Character(Unicode.Scalar($0)) }) {
            case "s": 1
            case "m": 60
            case "h": 3_600
            case "d": 86_400
            default: nil
            }
        guard let unit, text.utf8.count == digits.count + 1, digits.count == 1 || digits.first != UInt8(ascii: "0"),
            let number = Int64(String(decoding: digits, as: UTF8.self))
        else { return nil }
        let (seconds, overflow) = number.multipliedReportingOverflow(by: unit)
        return overflow ? nil : seconds
    }
}
