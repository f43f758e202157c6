// SPDX-License-Identifier: Apache-2.0

/// A rational number in lowest terms, for a second computation that shares no code with the first.
struct Fraction: Equatable {
    let top: Int128
    let bottom: Int128

    init(_ top: Int128, over bottom: Int128 = 1) {
        let divisor = Self.divisor(top < 0 ? -top : top, bottom)
        self.top = top / divisor
        self.bottom = bottom / divisor
    }

    private static func divisor(_ one: Int128, _ two: Int128) -> Int128 {
        var (one, two) = (one, two)
        while two != 0 { (one, two) = (two, one % two) }
        return max(one, 1)
    }

    static func + (lhs: Fraction, rhs: Fraction) -> Fraction {
        let shared = divisor(lhs.bottom, rhs.bottom)
        return Fraction(
            lhs.top * (rhs.bottom / shared) + rhs.top * (lhs.bottom / shared), over: lhs.bottom / shared * rhs.bottom)
    }

    static func - (lhs: Fraction, rhs: Fraction) -> Fraction { lhs + Fraction(-rhs.top, over: rhs.bottom) }

    static func * (lhs: Fraction, rhs: Fraction) -> Fraction {
        // Each over the other's, so that the products stay small.
        let (left, right) = (Fraction(lhs.top, over: rhs.bottom), Fraction(rhs.top, over: lhs.bottom))
        return Fraction(left.top * right.top, over: left.bottom * right.bottom)
    }

    static func < (lhs: Fraction, rhs: Fraction) -> Bool { (lhs - rhs).top < 0 }

    /// The whole number below it. It is not negative.
    var floor: Int128 { top / bottom }

    /// Whether it is so many parts of a whole; false if it is finer than that.
    func equals(_ count: Int128, parts: Int128) -> Bool { parts % bottom == 0 && top * (parts / bottom) == count }
}
