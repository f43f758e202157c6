// SPDX-License-Identifier: Apache-2.0

import Notation

/// Figures as a bench prints them.
enum BenchFigure {
    /// Stands for what cannot be known.
    static let unknown = "–"

    /// With this many digits after the decimal point.
    static func text(_ value: Double?, digits: Int) -> String {
        guard let value, value.isFinite else { return unknown }
        let scale = digits == 0 ? 1 : (0..<digits).reduce(1) { scale, _ in scale * 10 }
        let scaled = Int64(clamping: value * Double(scale))
        let (whole, rest) = (scaled / Int64(scale), scaled % Int64(scale))
        if digits == 0 { return "\(whole)" }
        let fraction = String(rest)
        return "\(whole).\(String(repeating: "0", count: digits - fraction.count))\(fraction)"
    }

    /// The same for programs; null if it cannot be known.
    static func json(_ value: Double?, digits: Int) -> JSON {
        guard let value, value.isFinite else { return .null }
        return .number(Double(text(value, digits: digits)) ?? value)
    }
}

extension Int64 {
    /// Rounded, and never out of range.
    fileprivate init(clamping value: Double) {
        self = value >= 9e18 ? .max : value <= 0 ? 0 : Int64(value.rounded())
    }
}
