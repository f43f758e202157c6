// SPDX-License-Identifier: Apache-2.0

import HTTP
import Hummingbird
import Store
import Stripe

extension ProblemDetails {
    static var unknownCustomer: ProblemDetails {
        .notFound(code: "unknown_customer", detail: "No event and no operator has named this customer yet.")
    }

    /// - Parameter events: those that name the customer all the same.
    static func unknownCustomer(_ customer: String, namedBy events: [EventOutcomeCount]) -> ProblemDetails {
        guard !events.isEmpty else { return unknownCustomer }
        let counts = events.map { count in
            "\(count.count) \(count.status.rawValue)" + (count.detail.map { " (\($0))" } ?? "")
        }
        return .notFound(
            code: "unknown_customer",
            detail: """
                Events name this customer, but none of them counts so far: \(counts.joined(separator: ", ")). \
                See /admin/v1/events?customer=\(customer).
                """
        )
    }

    static var unknownEvent: ProblemDetails {
        .notFound(code: "unknown_event", detail: "No event of this id is stored.")
    }

    static var unknownReplay: ProblemDetails {
        .notFound(code: "unknown_replay", detail: "There is no replay of this id.")
    }
}
