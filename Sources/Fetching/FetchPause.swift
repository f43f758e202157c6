// SPDX-License-Identifier: Apache-2.0

import StripeAPI

/// When to ask Stripe again for what it did not answer.
enum FetchPause {
    /// So that a key that somebody has mended is soon used, too.
    private static let longest: Duration = .seconds(600)
    /// What is in between may answer for Stripe, and what is asked for may come late: three days, as for webhooks.
    private static let refusals = 80
    private static let longestOfRefusal: Duration = .seconds(3600)

    /// - Parameter attempts: how often it was asked in vain before.
    /// - Returns: nil for never.
    static func after(_ error: StripeAPIError, attempts: Int) -> Duration? {
        switch error {
        case .limited, .unavailable: min(longest, .seconds(5) * (1 << min(attempts, 10)))
        case .keyRefused, .accountRefused, .notPermitted: longest
        case .notFound, .refused, .unreadable, .tooLarge:
            attempts < refusals ? min(longestOfRefusal, .seconds(15) * (1 << min(attempts, 10))) : nil
        }
    }
}
