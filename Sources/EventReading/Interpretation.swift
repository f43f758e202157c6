// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import Stripe

/// What Tollgate reads from one event, using only that event and the configuration.
package enum Interpretation: Sendable, Hashable {
    /// - Parameter remark: what an operator should know about an event that was taken in.
    case facts([Fact], remark: Remark?)
    /// What could be read counts; the rest has failed until it is fixed and the event replayed.
    /// - Parameter unreadable: never empty.
    case partly([Fact], unreadable: [FieldError])
    case ignored(Ignored)

    /// Why an event changes nothing, in a word that operators can search for.
    package enum Ignored: String, Sendable, Hashable, CaseIterable {
        /// A test event in live mode, or vice versa.
        case wrongMode = "wrong_mode"
        /// An event of a connected account that is not listed.
        case foreignAccount = "foreign_account"
        /// A thin event: what it is about is asked of Stripe, where there is a key.
        case thin
        /// No rule handles this type.
        case unhandledType = "unhandled_type"
        /// A Checkout session that set up a subscription or a card: other events report what follows.
        case notAPayment = "not_a_payment"
        /// A refund or dispute that names neither a payment intent nor a charge.
        case noPayment = "no_payment"
    }

    /// Why an event that was taken in may do less than expected.
    package enum Remark: String, Sendable, Hashable {
        /// A payment that buys no credits by itself: no metadata says that it does.
        case noCredits = "no_credits"
        /// A guest bought credits: they wait for an event that links the payment to a customer.
        case noCustomer = "no_customer"
        /// A Checkout session whose money has not arrived yet: its credits count when it does.
        case unpaid
    }

    init(_ facts: [Fact], remark: Remark? = nil, _ unreadable: Unreadable) {
        self =
            unreadable.errors.isEmpty
            ? .facts(facts, remark: remark) : .partly(facts, unreadable: unreadable.errors)
    }

    /// - Parameter prices: what the prices that operators have listed sell.
    /// - Throws: `FieldError` if a rule handles the event, but nothing of it counts without a field that is unusable.
    package init(_ event: Event, policy: Policy, prices: [String: Price] = [:]) throws(FieldError) {
        if let livemode = event.livemode, livemode != policy.livemode {
            self = .ignored(.wrongMode)
            return
        }
        if let account = event.account, !policy.connectedAccounts.contains(account) {
            self = .ignored(.foreignAccount)
            return
        }
        guard let topic = EventTopic(event.type) else {
            self = .ignored(ThinEvent.isWanted(event.type) ? .thin : .unhandledType)
            return
        }
        guard event.livemode != nil else { throw FieldError("livemode", "is missing") }
        guard let object = event.object else { throw FieldError("data.object", "is missing") }
        let offers = CreditOfferReader(metadataKey: policy.creditsKey, prices: prices)
        switch topic {
        case .checkoutSession: self = PaymentReader.read(try CheckoutSession(object), offers)
        case .paymentIntent: self = PaymentReader.read(try PaymentIntent(object), offers)
        case .charge: self = PaymentReader.read(try Charge(object))
        case .refund: self = try PaymentReader.read(Stripe.Refund(object))
        case .dispute: self = try PaymentReader.read(Stripe.Dispute(object), at: event.created)
        case .invoicePayment: self = PaymentReader.read(try InvoicePayment(object))
        case .invoice(let status):
            self = try SubscriptionReader.read(Stripe.Invoice(object), status, event, offers)
        case .subscription:
            self = try SubscriptionReader.read(Stripe.Subscription(object), event)
        case .customerDeleted:
            self = .facts([.customerDeleted(customer: try Customer(object).id)], remark: nil)
        }
    }
}
