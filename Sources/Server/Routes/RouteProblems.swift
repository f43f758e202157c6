// SPDX-License-Identifier: Apache-2.0

import API
import HTTP
import Store

extension ProblemDetails {
    static var unknownCustomer: ProblemDetails {
        ProblemDetails(.unknownCustomer, "No event and no operator has named this customer yet.")
    }

    /// - Parameter events: those that name the customer all the same.
    static func unknownCustomer(_ customer: String, namedBy events: [EventOutcomeCount]) -> ProblemDetails {
        guard !events.isEmpty else { return unknownCustomer }
        let counts = events.map { count in
            "\(count.count) \(count.status.rawValue)" + (count.detail.map { " (\($0))" } ?? "")
        }
        return ProblemDetails(
            .unknownCustomer,
            """
            Events name this customer, but none of them counts so far: \(counts.joined(separator: ", ")). \
            See /admin/v1/events?customer=\(customer).
            """
        )
    }

    static var unknownHold: ProblemDetails {
        ProblemDetails(.unknownHold, "The customer has no hold of this id.")
    }

    static var unknownEvent: ProblemDetails {
        ProblemDetails(.unknownEvent, "No event of this id is stored.")
    }

    static var unknownKey: ProblemDetails {
        ProblemDetails(.unknownKey, "There is no API key of this id, or it was deleted.")
    }

    static var nothingToHold: ProblemDetails {
        ProblemDetails(.nothingToHold, "The call takes no credits, by the customer's plan: it needs no hold.")
    }

    static var unknownDraft: ProblemDetails { ProblemDetails(.unknownDraft, "There is no draft of this id.") }

    static var unknownPlan: ProblemDetails { ProblemDetails(.unknownPlan, "There is no plan of this name.") }

    static var unknownUsage: ProblemDetails {
        ProblemDetails(.unknownUsage, "No call of this id is known here.")
    }

    static var unknownBackfill: ProblemDetails {
        ProblemDetails(.unknownBackfill, "There is no backfill of this id.")
    }

    static var stripeKeyMissing: ProblemDetails {
        ProblemDetails(.stripeKeyMissing, "STRIPE_API_KEY is not set for this server: it cannot ask Stripe.")
    }

    static var unknownReplay: ProblemDetails {
        ProblemDetails(.unknownReplay, "There is no replay of this id.")
    }
}
