// SPDX-License-Identifier: Apache-2.0

import Billing

/// An event that cannot be read in full without asking Stripe.
package struct EventFetch: Sendable {
    package let event: String
    package let kind: EventFetchKind
    /// As it was received.
    package let payload: [UInt8]
    /// What the prices that operators have listed sell.
    package let prices: [String: Price]
    /// How often Stripe has refused to answer it.
    package let refusals: Int
    /// Whether it was asked in vain the last time.
    package let hasFailed: Bool
}
