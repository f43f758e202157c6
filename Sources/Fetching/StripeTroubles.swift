// SPDX-License-Identifier: Apache-2.0

/// What keeps Stripe from being asked, so that it is logged once when it begins, and once when it is over.
struct StripeTroubles: Sendable {
    private var errors: [String: String] = [:]

    /// - Parameter account: of which nothing could be learned.
    /// - Returns: whether it is news.
    mutating func failed(_ account: String, _ error: String) -> Bool {
        defer { errors[account] = error }
        return errors[account] != error
    }

    /// - Returns: whether it is news.
    mutating func worked(_ account: String) -> Bool {
        errors.removeValue(forKey: account) != nil
    }
}
