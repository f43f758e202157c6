// SPDX-License-Identifier: Apache-2.0

import API
import HTTP
import Store

/// `/admin/v1/customers/{customer}/refetch`: ask Stripe for a customer's state.
struct RefetchRoutes: Sendable {
    let refetches: RefetchStore
    /// Without one, nobody would do it.
    let hasKey: Bool

    func register(on routes: OperationRoutes) {
        routes.on(RefetchesAPI.start) { call in
            guard hasKey else { throw ProblemDetails.stripeKeyMissing }
            return Self.document(try await refetches.request(call.parameters.customer, operator: call.caller))
        }
        routes.on(RefetchesAPI.show) { call in
            guard let record = try await refetches.find(call.parameters.customer) else {
                throw ProblemDetails(.unknownRefetch, "Stripe has not been asked for this customer yet.")
            }
            return Self.document(record)
        }
    }

    private static func document(_ record: RefetchRecord) -> Object<RefetchesAPI.Refetch> {
        Object {
            $0.customer = record.subject
            $0.status = record.isPending ? .pending : record.error == nil ? .done : .failed
            $0.operator = record.operator
            $0.requestedAt = record.requestedAt
            $0.found = record.found.map(Int64.init)
            $0.stored = record.stored.map(Int64.init)
            $0.omissions = record.omissions
            $0.error = record.error
            $0.finishedAt = record.finishedAt
        }
    }
}
