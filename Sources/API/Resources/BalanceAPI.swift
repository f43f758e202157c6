// SPDX-License-Identifier: Apache-2.0

import Notation

/// What a customer has to spend.
package enum BalanceAPI {
    package enum LotWord: String, CaseIterable {
        case purchase, grant
    }

    package struct Parameters: ObjectContent {
        package static let form = ObjectForm("BalanceParameters", Parameters())

        package let customer = Property(path: "customer", .id("cus_1"))
    }

    /// Credits that came at once, and what is left of them.
    package struct Lot: ObjectContent {
        package static let form = ObjectForm("Lot", Lot())

        package let id = Property("id", .string)
        package let kind = Property("kind", .word(of: LotWord.self))
        /// With what is held.
        package let remaining = Property("remaining", .integer)
        package let held = Property("held", .integer)
        package let expiresAt = Property("expires_at", .nullable(.time))
    }

    package struct Balance: ObjectContent {
        package static let form = ObjectForm("Balance", Balance())

        package let customer = Property("customer", .id)
        package let credits = Property("credits", .integer)
        package let held = Property("held", .integer)
        /// Below zero if credits are owed.
        package let available = Property("available", .integer)
        /// In the order in which they are spent.
        package let lots = Property("lots", .list(of: Lot.self))
    }

    package static let show = Operation<Parameters, Nothing, Balance>(
        .get, "/v1/customers/{customer}/balance", id: "showBalance", by: .gateway,
        "What a customer has to spend, and in which order", problems: [.unknownCustomer])

    static let endpoints = [show.endpoint]
}
