// SPDX-License-Identifier: Apache-2.0

import StripeAPI

/// When to ask Stripe again for what it did not answer.
struct FetchPause: Hashable, Sendable {
    /// Nil for never.
    let pause: Duration?
    /// How often it has been refused by now.
    let refusals: Int

    private static let outage: Duration = .seconds(30)
    /// So that a key that somebody has mended is soon used, too.
    private static let forbidden: Duration = .seconds(600)
    /// What is in between may answer for Stripe, and what is asked for may come late: three days, as for webhooks.
    private static let refusalLimit = 80
    private static let longest: Duration = .seconds(3600)

    /// - Parameter refusals: how often it was refused before. An outage takes nothing from the days that a refusal is allowed.
    init(after error: StripeAPIError, refusals: Int) {
        switch error {
        case .limited, .unavailable: (pause, self.refusals) = (Self.outage, refusals)
        case .keyRefused, .accountRefused, .notPermitted: (pause, self.refusals) = (Self.forbidden, refusals)
        case .notFound, .refused, .unreadable, .tooLarge:
            pause =
                refusals < Self.refusalLimit ? min(Self.longest, .seconds(15) * (1 << min(refusals, 10))) : nil
            self.refusals = refusals + 1
        }
    }
}
