// SPDX-License-Identifier: Apache-2.0

/// Why a customer may or may not call the API. The reason implies which, so a decision stores nothing twice.
package enum Reason: String, Sendable, Hashable, CaseIterable {
    case subscriptionActive = "subscription_active"
    case invoicePaid = "invoice_paid"
    case credits
    case gracePeriod = "grace_period"
    case overrideAllow = "override_allow"

    case paymentOverdue = "payment_overdue"
    case creditsExhausted = "credits_exhausted"
    case noSubscription = "no_subscription"
    case subscriptionEnded = "subscription_ended"
    case disputed
    case overrideDeny = "override_deny"
    case customerDeleted = "customer_deleted"

    package var allows: Bool {
        switch self {
        case .subscriptionActive, .invoicePaid, .credits, .gracePeriod, .overrideAllow: true
        case .paymentOverdue, .creditsExhausted, .noSubscription, .subscriptionEnded, .disputed, .overrideDeny,
            .customerDeleted:
            false
        }
    }
}
