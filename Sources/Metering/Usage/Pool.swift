// SPDX-License-Identifier: Apache-2.0

import Notation

/// A kind of what is used and priced by itself. No token is in two pools. In the order of receipts.
package enum Pool: Hashable, Comparable, Sendable {
    /// Of the prompt, what was neither read from the cache nor written to it.
    case input
    /// Reasoning included.
    case output
    /// To be kept for five minutes, or however long the provider's only kind of cache keeps it.
    case cacheWrite5m
    case cacheWrite1h
    case cacheRead
    case webSearch
    /// Of the company's own, such as `image` or `outcome`, or a server tool of the provider's, such as `web_fetch`.
    case unit(String)

    /// The pools of tokens, which factors multiply.
    static let tokens: [Pool] = [.input, .output, .cacheWrite5m, .cacheWrite1h, .cacheRead]
    /// Those that make up the prompt, which chooses the tier.
    static let prompt: [Pool] = [.input, .cacheWrite5m, .cacheWrite1h, .cacheRead]

    private static let named: [Pool] = tokens + [.webSearch]
    private static let unitPrefix = "unit:"

    /// As the contract names them: `cache_write_5m`, `unit:image`.
    package var name: String {
        switch self {
        case .input: "input"
        case .output: "output"
        case .cacheWrite5m: "cache_write_5m"
        case .cacheWrite1h: "cache_write_1h"
        case .cacheRead: "cache_read"
        case .webSearch: "web_search"
        case .unit(let name): Self.unitPrefix + name
        }
    }

    /// Nil if nothing is named so. A unit's name has 1 to 64 letters, digits, `_`, `-` and `.`.
    package init?(_ name: String) {
        if let pool = Self.named.first(where: { $0.name == name }) {
            self = pool
        } else {
            let unit = name.dropFirst(Self.unitPrefix.count)
            guard name.hasPrefix(Self.unitPrefix), 1...64 ~= unit.utf8.count,
                unit.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "_-.".contains($0)) })
            else { return nil }
            self = .unit(String(unit))
        }
    }

    var isTokens: Bool { Self.tokens.contains(self) }

    /// Its price in a book is for 10 to the power of this: a million tokens, a thousand searches, one unit.
    var priceDigits: Int {
        switch self {
        case .webSearch: 3
        case .unit: 0
        case .input, .output, .cacheWrite5m, .cacheWrite1h, .cacheRead: 6
        }
    }
}
