// SPDX-License-Identifier: Apache-2.0

import Notation

/// The state of a customer, asked of Stripe.
package enum RefetchesAPI {
    package enum StatusWord: String, CaseIterable, Sendable {
        case pending, done, failed
    }

    // MARK: What is answered

    package struct Refetch: ObjectContent {
        package static let form = ObjectForm("Refetch", Refetch())

        package let customer = Property("customer", .id)
        package let status = Property("status", .oneOf(StatusWord.allCases))
        package let `operator` = Property("operator", .nullable(.string))
        package let requestedAt = Property("requested_at", .time)
        package let found = Property("found", .nullable(.integer))
        package let stored = Property("stored", .nullable(.integer))
        package let omissions = Property("omissions", .nullable(.string))
        package let error = Property("error", .nullable(.string))
        package let finishedAt = Property("finished_at", .nullable(.time))
    }

    // MARK: Operations

    package static let start = Operation<CustomersAPI.Path, Nothing, Refetch>(
        .post, "/admin/v1/customers/{customer}/refetch", id: "refetchCustomer", by: .admin,
        "Ask Stripe for a customer's state", status: 202, problems: [.stripeKeyMissing])

    package static let show = Operation<CustomersAPI.Path, Nothing, Refetch>(
        .get, "/admin/v1/customers/{customer}/refetch", id: "showRefetch", by: .admin,
        "When Stripe was last asked for a customer's state, and what came of it", problems: [.unknownRefetch])

    static let endpoints = [start.endpoint, show.endpoint]
}
