// SPDX-License-Identifier: Apache-2.0

import Notation

/// The flag, for gateways.
package enum AccessAPI {
    /// Why a customer may or may not call the API.
    package enum ReasonWord: String, CaseIterable {
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

    package struct Parameters: ObjectContent {
        package static let form = ObjectForm("AccessParameters", Parameters())

        package let customer = Property(path: "customer", .id("cus_1"))
        /// The least version that will do; the answer waits for it for up to 2 s.
        package let minimumVersion = Property(query: "min_version", .version)
    }

    /// - Returns: nil for what is no version, from 0 to 2^53 − 1.
    package static func version(_ text: String) -> Int64? {
        Parameters.form.content.minimumVersion.admits(text) ? Int64(text) : nil
    }

    package struct Access: DecisionContent {
        package static let form = ObjectForm("Access", Access())

        package let customer = Property("customer", .id)
        package let allowed = Property("allowed", .bool)
        package let reason = Property("reason", .word(of: ReasonWord.self))
        /// When this decision ends by itself.
        package let until = Property("until", .nullable(.time))
        package let credits = Property("credits", .integer)
        /// Grows with every change of the answer.
        package let version = Property("version", .integer)
        /// Whether it comes from memory because the database is unavailable.
        package let stale = Property(maybe: "stale", .isTrue)
    }

    package static let show = Operation<Parameters, Nothing, Access>(
        .get, "/v1/customers/{customer}/access", id: "showAccess", by: .gateway,
        "Whether a customer may call the API, and why", bodyLimit: 0, problems: [.unknownCustomer])

    static let endpoints = [show.endpoint]
}
