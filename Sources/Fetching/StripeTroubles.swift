// SPDX-License-Identifier: Apache-2.0

import StripeAPI

/// What keeps Stripe from being asked, so that it is logged once when it begins, and once when it is over.
struct StripeTroubles: Sendable {
    /// What was told since it began: errors that take turns are no news.
    private var told: [String: Set<StripeAPIError.Kind>] = [:]

    /// - Parameter account: of which nothing could be learned.
    /// - Returns: whether it is news.
    mutating func failed(_ account: String, _ error: StripeAPIError) -> Bool {
        told[account, default: []].insert(error.kind).inserted
    }

    /// - Returns: whether it is news.
    mutating func worked(_ account: String) -> Bool {
        told.removeValue(forKey: account) != nil
    }
}
