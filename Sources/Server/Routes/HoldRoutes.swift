// SPDX-License-Identifier: Apache-2.0

import API
import Billing
import HTTP
import Store

/// `/v1/customers/{customer}/holds`: keep credits for a call, then settle or release them.
struct HoldRoutes: Sendable {
    let spending: SpendingRequests
    let balances: BalanceReader
    let reads: GatewayReads

    func register(on routes: OperationRoutes) {
        routes.on(HoldsAPI.create, or: HoldsAPI.Hold.self) { call in
            let (hold, isNew) = try await act(call.parameters, .hold(try Self.terms(call.body)))
            return isNew ? .usual(hold) : .other(hold)
        }
        routes.on(HoldsAPI.settle) { call in
            try await act(call.parameters, .settle(amount: call.body.amount)).hold
        }
        routes.on(HoldsAPI.release) { call in try await act(call.parameters, .release).hold }
        routes.on(HoldsAPI.extend) { call in try await act(call.parameters, .extend(ttl: call.body.ttl)).hold }
        routes.on(HoldsAPI.show) { call in
            let (customer, id) = (call.parameters.customer, call.parameters.hold)
            guard let record = try await reads({ try await balances.hold(id, of: customer) }) else {
                throw try await unknownHold(of: customer)
            }
            return HoldDocument.detail(record)
        }
        routes.on(HoldsAPI.list) { call in
            let wanted = call.parameters
            let status = wanted.status.flatMap { Hold.Status(rawValue: $0.rawValue) }
            let found = try await reads {
                try await balances.holds(
                    of: wanted.customer, status: status, limit: wanted.limit, after: wanted.startingAfter)
            }
            guard let found else { throw ProblemDetails.unknownCustomer }
            return HoldDocument.page(Array(found.prefix(wanted.limit)), hasMore: found.count > wanted.limit)
        }
    }

    private func act(
        _ path: Object<HoldsAPI.Path>,
        _ act: Spending.Act
    ) async throws(ProblemDetails) -> (hold: Object<HoldsAPI.Hold>, isNew: Bool) {
        let result = try await spending.result(of: Spending(customer: path.customer, id: path.hold, act))
        guard case .hold(let hold, let credits, let available, let isNew) = result else { throw .internalError }
        let document =
            if case .hold = act {
                HoldDocument.hold(hold, of: path.customer, credits: nil, available: hold.available)
            } else {
                HoldDocument.hold(hold, of: path.customer, credits: credits, available: available)
            }
        return (document, isNew)
    }

    private static func terms(_ wanted: Object<HoldsAPI.Request>) throws(ProblemDetails) -> Hold.Terms {
        if let minimum = wanted.minimum, minimum > wanted.amount {
            throw ProblemDetails(.invalidField, "The field `minimum` must be at most `amount`.")
        }
        return Hold.Terms(
            amount: wanted.amount, minimum: wanted.minimum, ttl: wanted.ttl ?? .seconds(600),
            onExpiry: wanted.onExpiry.flatMap { Hold.OnExpiry(rawValue: $0.rawValue) } ?? .release,
            metadata: wanted.metadata ?? [:])
    }

    private func unknownHold(of customer: String) async throws -> ProblemDetails {
        try await reads { try await balances.balance(of: customer) } == nil ? .unknownCustomer : .unknownHold
    }
}
