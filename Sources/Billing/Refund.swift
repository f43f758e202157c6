// SPDX-License-Identifier: Apache-2.0

/// A refund of a payment.
package struct Refund: Sendable, Hashable {
    /// In order of precedence.
    package enum Status: String, Sendable, Hashable, Ranked {
        /// On its way.
        case pending
        case succeeded
        /// Failed or canceled: the money came back.
        case failed
    }

    package var status: Status
    /// In the currency's smallest unit.
    package var amount: Int64
    package var currency: String?
    package var charge: String?
    package var paymentIntent: String?

    package init(status: Status, amount: Int64, currency: String? = nil, charge: String?, paymentIntent: String?) {
        self.status = status
        self.amount = amount
        self.currency = currency
        self.charge = charge
        self.paymentIntent = paymentIntent
    }

    mutating func merge(_ other: Refund) {
        status = max(status, other.status)
        amount = max(amount, other.amount)
        currency = greater(currency, other.currency)
        charge = greater(charge, other.charge)
        paymentIntent = greater(paymentIntent, other.paymentIntent)
    }
}
