// SPDX-License-Identifier: Apache-2.0

/// Stripe's object ids as Tollgate accepts them: `^[A-Za-z0-9_-]{1,255}$`.
package enum ID {
    package static func isValid(_ text: String) -> Bool {
        (1...255).contains(text.utf8.count) && text.utf8.allSatisfy(isWordCharacter)
    }

    /// For a price: the ids of old plans were chosen by the seller and may contain dots.
    package static func isPrice(_ text: String) -> Bool {
        (1...255).contains(text.utf8.count)
            && text.utf8.allSatisfy { isWordCharacter($0) || $0 == UInt8(ascii: ".") }
    }

    private static func isWordCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
