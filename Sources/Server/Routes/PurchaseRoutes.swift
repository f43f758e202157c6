// SPDX-License-Identifier: Apache-2.0

import API
import Billing
import HTTP
import Store

/// `/admin/v1/purchases`: what is known about a payment, which purchases wait for a customer, and whose a purchase is.
struct PurchaseRoutes: Sendable {
    let customers: CustomerStore
    let operators: OperatorStore
    let purchases: PurchaseStore
    let policy: Policy

    func register(on routes: OperationRoutes) {
        routes.on(PurchasesAPI.list) { call in
            let (page, hasMore) = try await purchases.listWaiting(
                startingAfter: call.parameters.startingAfter, limit: call.parameters.limit)
            return PurchaseDocument.page(page, hasMore: hasMore)
        }
        routes.on(PurchasesAPI.show) { call in
            let id = call.parameters.object
            guard let purchase = try await purchases.find(id) else { throw try await unknown(id) }
            return PurchaseDocument.purchase(purchase)
        }
        routes.on(PurchasesAPI.assign) { call in
            try await assign(call.parameters.object, call.body, operator: call.caller)
        }
    }

    private func assign(
        _ id: String,
        _ wanted: Object<PurchasesAPI.AssignmentRequest>,
        operator name: String
    ) async throws -> Object<PurchasesAPI.Purchase> {
        let result = try await operators.assign(
            id,
            to: wanted.customer,
            credits: wanted.credits,
            reason: wanted.reason,
            operator: name,
            policy: policy
        )
        switch result {
        case .assigned(let purchase, let takenFrom):
            return PurchaseDocument.purchase(purchase, takenFrom: takenFrom)
        case .unknown:
            throw try await unknown(id)
        case .isOf(let customer):
            throw ProblemDetails(
                .purchaseOfAnotherCustomer,
                "Stripe's objects say that this purchase is \(customer)'s: it is not given to another.")
        case .noCredits:
            throw ProblemDetails(
                .noCredits, "Nothing says how many credits this purchase buys: give `credits`.")
        case .unpaid:
            throw ProblemDetails(
                .purchaseUnpaid, "The money of this purchase has not come yet: it buys nothing until then.")
        case .overflow(let error):
            throw ProblemDetails(.balanceOutOfRange, "\(error)")
        }
    }

    /// An invoice that was only issued, or failed, is known but bought nothing.
    private func unknown(_ id: String) async throws -> ProblemDetails {
        if let customer = try await customers.customer(ofInvoice: id) {
            return ProblemDetails(
                .unknownPurchase,
                "This invoice buys no credits; it is one of \(customer): /admin/v1/customers/\(customer).")
        }
        return ProblemDetails(
            .unknownPurchase, "No event has named a payment intent, charge, Checkout session or invoice of this id.")
    }
}
