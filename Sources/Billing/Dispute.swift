// SPDX-License-Identifier: Apache-2.0

import Notation

/// A dispute about a payment, as its newest event describes it.
package struct Dispute: Sendable, Hashable {
    /// In order of precedence: of two reports in one second, the later one here counts.
    package enum Standing: String, Sendable, Hashable, Ranked {
        /// An inquiry (`warning_*`), or a prevented dispute: nothing is taken.
        case inquiry
        /// The money is withdrawn until the dispute is decided.
        case open
        case won
        case lost

        package var takes: Bool { self == .open || self == .lost }

        /// Nil for a status that Stripe did not have when this was written.
        package init?(status: String) {
            switch status {
            case "needs_response", "under_review": self = .open
            // The bank's decision is being contested: the money is still withdrawn.
            case let appeal where appeal.hasPrefix("appeal_"): self = .open
            case let inquiry where inquiry.hasPrefix("warning_"): self = .inquiry
            case "prevented": self = .inquiry
            // If it ended in a refund, the refund takes the money.
            case "won", "charge_refunded": self = .won
            case "lost": self = .lost
            default: return nil
            }
        }
    }

    /// When its newest event happened.
    package var at: Timestamp
    package var standing: Standing
    /// In the currency's smallest unit; may differ from the charge's.
    package var amount: Int64
    package var currency: String?
    package var charge: String?
    package var paymentIntent: String?

    package init(
        at: Timestamp, standing: Standing, amount: Int64, currency: String? = nil, charge: String?,
        paymentIntent: String?
    ) {
        self.at = at
        self.standing = standing
        self.amount = amount
        self.currency = currency
        self.charge = charge
        self.paymentIntent = paymentIntent
    }

    mutating func merge(_ other: Dispute) {
        if (at, standing, amount) < (other.at, other.standing, other.amount) {
            (at, standing, amount) = (other.at, other.standing, other.amount)
        }
        currency = greater(currency, other.currency)
        charge = greater(charge, other.charge)
        paymentIntent = greater(paymentIntent, other.paymentIntent)
    }
}
