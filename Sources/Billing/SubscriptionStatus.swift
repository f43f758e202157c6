// SPDX-License-Identifier: Apache-2.0

/// Stripe's subscription statuses, in the order that decides when nothing else does: of two that were reported in the
/// same second and do not name each other, the later one here counts.
package enum SubscriptionStatus: String, Sendable, Hashable, Ranked {
    case incomplete
    case trialing
    case active
    case pastDue = "past_due"
    case unpaid
    case paused
    case incompleteExpired = "incomplete_expired"
    case canceled

    /// A subscription that has ended stays ended.
    package var isFinal: Bool { self == .canceled || self == .incompleteExpired }
}
