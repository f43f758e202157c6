// SPDX-License-Identifier: Apache-2.0

import API
import Billing
import HTTP
import Notation
import Store

/// `/admin/v1/customers`: list them, show one, override the flag, grant credits.
struct CustomerRoutes: Sendable {
    let customers: CustomerStore
    let balances: BalanceReader
    let events: EventStore
    let operators: OperatorStore
    let policy: Policy
    let now: @Sendable () -> Timestamp

    func register(on routes: OperationRoutes) {
        routes.on(CustomersAPI.list) { call in try await list(call.parameters) }
        routes.on(CustomersAPI.show) { call in
            let customer = call.parameters.customer
            guard let statement = try await customers.statement(of: customer, latest: call.parameters.limit),
                let balance = try await balances.balance(of: customer)
            else { throw try await unknown(customer) }
            return CustomerDocument.statement(statement, balance, policy: policy)
        }
        routes.on(CustomersAPI.override) { call in
            try await setOverride(of: call.parameters.customer, call.body, operator: call.caller)
        }
        routes.on(CustomersAPI.clearOverride) { call in
            let customer = call.parameters.customer
            let answer = try await operators.clearOverride(of: customer, operator: call.caller, policy: policy)
            guard let answer else { throw try await unknown(customer) }
            return CustomerDocument.cleared(answer.access, wasSet: answer.wasSet)
        }
        routes.on(CustomersAPI.grant) { call in
            try await grant(call.body, call.parameters, operator: call.caller)
        }
        routes.on(CustomersAPI.ledger) { call in
            let wanted = call.parameters
            let page = try await customers.ledger(
                of: wanted.customer, limit: wanted.limit, before: wanted.startingAfter)
            guard let page else { throw try await unknown(wanted.customer) }
            return CustomerDocument.ledger(page.entries, hasMore: page.hasMore)
        }
    }

    private func unknown(_ customer: String) async throws -> ProblemDetails {
        .unknownCustomer(customer, namedBy: try await events.outcomes(naming: customer))
    }

    private func list(_ wanted: Object<CustomersAPI.ListParameters>) async throws -> Object<CustomersAPI.Page> {
        let filter = CustomerFilter(
            allowed: wanted.allowed, reason: wanted.reason.flatMap { Reason(rawValue: $0.rawValue) },
            changedAfter: wanted.changedAfter, startingAfter: wanted.startingAfter)
        let (page, hasMore) = try await customers.list(filter, limit: wanted.limit)
        return CustomerDocument.page(page, hasMore: hasMore)
    }

    private func setOverride(
        of customer: String,
        _ wanted: Object<CustomersAPI.OverrideRequest>,
        operator name: String
    ) async throws -> Object<CustomersAPI.Overridden> {
        // One that ends at once is a typing error, not an intention.
        if let until = wanted.until, until <= now() {
            throw ProblemDetails(.untilPassed, "The field `until` must lie in the future.")
        }
        let answer = try await operators.setOverride(
            of: customer,
            allowed: wanted.allowed,
            reason: wanted.reason,
            until: wanted.until,
            operator: name,
            policy: policy
        )
        guard let answer else { throw ProblemDetails.unknownCustomer }
        return CustomerDocument.overridden(answer.access, isNew: answer.isNew)
    }

    private func grant(
        _ wanted: Object<CustomersAPI.GrantRequest>,
        _ parameters: Object<CustomersAPI.GrantParameters>,
        operator name: String
    ) async throws -> Object<CustomersAPI.Grant> {
        if wanted.expiresAt != nil, wanted.amount < 0 {
            throw ProblemDetails(.invalidField, "The field `expires_at` is for credits that are given: leave it out.")
        }
        let result = try await operators.grant(
            wanted.amount,
            expiresAt: wanted.expiresAt,
            to: parameters.customer,
            reason: wanted.reason,
            key: parameters.idempotencyKey,
            operator: name,
            policy: policy
        )
        switch result {
        case .granted(let grant):
            return CustomerDocument.grant(grant)
        case .ended: throw ProblemDetails(.untilPassed, "The field `expires_at` must lie in the future.")
        case .keyReused:
            throw ProblemDetails(
                .conflict, "This Idempotency-Key stands for another grant: use a new key for a new one.")
        case .overflow(let error):
            throw ProblemDetails(.balanceOutOfRange, "\(error)")
        }
    }
}
