// SPDX-License-Identifier: Apache-2.0

import Billing
import HTTP
import Hummingbird
import Store
import Stripe

/// `/admin/v1/prices`: how many credits a price buys. `/admin/v1/purchases`: what is known of a payment, which purchases
/// wait for a customer, and whose one is.
struct PurchaseRoutes: Sendable {
    let customers: CustomerStore
    let operators: OperatorStore
    let prices: PriceStore
    let purchases: PurchaseStore
    let policy: Policy

    private struct PriceRequest: BodyContent {
        static let fields: Set = ["credits", "unit_amount"]

        let credits: Int64
        let unitAmount: Int64?

        init(_ body: BodyObject) throws(ProblemDetails) {
            credits = try body.integer("credits")
            unitAmount = try body.optionalInteger("unit_amount")
        }
    }

    private struct AssignmentRequest: BodyContent {
        static let fields: Set = ["customer", "credits", "reason"]

        let customer: String
        let credits: Int64?
        let reason: String

        init(_ body: BodyObject) throws(ProblemDetails) {
            customer = try body.string("customer")
            credits = try body.optionalInteger("credits")
            reason = try body.string("reason")
        }
    }

    func register(on routes: AdminRoutes) {
        routes.get("/admin/v1/prices") { _, _ in
            Response.document(["data": .array(try await prices.list().map(PurchaseDocument.price))])
        }
        routes.get("/admin/v1/prices/{price}") { _, context in
            try Self.document(try await prices.find(try context.price("price")))
        }
        routes.put("/admin/v1/prices/{price}", body: .json) { request, context in
            let id = try context.price("price")
            let wanted = try await request.decodeBody(PriceRequest.self)
            let credits = try Self.credits(wanted.credits)
            if let amount = wanted.unitAmount, amount < 1 {
                throw ProblemDetails.invalidField(
                    "unit_amount", "must be 1 or more, in the currency's smallest unit, or null")
            }
            return try Self.document(
                try await prices.set(
                    id, credits: credits, unitAmount: wanted.unitAmount, operator: context.operatorLabel))
        }
        routes.delete("/admin/v1/prices/{price}") { _, context in
            try Self.document(try await prices.remove(try context.price("price")))
        }
        routes.get("/admin/v1/purchases", parameters: ["waiting", "limit", "starting_after"]) { request, _ in
            try await listWaiting(Query(request))
        }
        routes.get("/admin/v1/purchases/{object}") { _, context in
            let id = try context.id("object")
            guard let purchase = try await purchases.find(id) else { throw try await unknown(id) }
            return Response.document(PurchaseDocument.purchase(purchase))
        }
        routes.post("/admin/v1/purchases/{object}/assign", body: .json) { request, context in
            try await assign(try context.id("object"), request, operator: context.operatorLabel)
        }
    }

    private func assign(_ id: String, _ request: Request, operator name: String) async throws -> Response {
        let wanted = try await request.decodeBody(AssignmentRequest.self)
        guard ID.isValid(wanted.customer) else {
            throw ProblemDetails.invalidField("customer", "must be 1 to 255 letters, digits, _ or -")
        }
        let result = try await operators.assign(
            id,
            to: wanted.customer,
            credits: try wanted.credits.map(Self.credits),
            reason: try ReasonText.check(wanted.reason),
            operator: name,
            policy: policy
        )
        switch result {
        case .assigned(let purchase, let takenFrom):
            return .document(PurchaseDocument.assigned(purchase, takenFrom: takenFrom))
        case .unknown:
            throw try await unknown(id)
        case .isOf(let customer):
            throw ProblemDetails.conflict(
                code: "purchase_of_another_customer",
                detail: "Stripe's objects say that this purchase is \(customer)'s: it is not given to another."
            )
        case .noCredits:
            throw ProblemDetails.conflict(
                code: "no_credits", detail: "Nothing says how many credits this purchase buys: give `credits`.")
        case .unpaid:
            throw ProblemDetails.conflict(
                code: "purchase_unpaid",
                detail: "The money of this purchase has not come yet: it buys nothing until then."
            )
        case .overflow(let error):
            throw ProblemDetails.conflict(code: "balance_out_of_range", detail: "\(error)")
        }
    }

    private static func credits(_ credits: Int64) throws(ProblemDetails) -> Int64 {
        guard (1...CreditOffer.limit).contains(credits) else {
            throw .invalidField("credits", "must be a whole number from 1 to 10^15")
        }
        return credits
    }

    /// An invoice that was only billed, or failed, is known but bought nothing.
    private func unknown(_ id: String) async throws -> ProblemDetails {
        if let customer = try await customers.customer(ofInvoice: id) {
            return .notFound(
                code: "unknown_purchase",
                detail: "This invoice buys no credits; it is one of \(customer): /admin/v1/customers/\(customer)."
            )
        }
        return .notFound(
            code: "unknown_purchase",
            detail: "No event has named a payment intent, charge, Checkout session or invoice of this id."
        )
    }

    /// Only those that wait: all others are found by their customer or by one of their objects.
    private func listWaiting(_ query: Query) async throws -> Response {
        guard try query.value("waiting", "true", { $0 == "true" ? true : nil }) == true else {
            throw ProblemDetails.badRequest(
                code: "invalid_parameter",
                detail:
                    "Only waiting purchases are listed: ask with ?waiting=true, or for one by /admin/v1/purchases/{id}."
            )
        }
        let (page, hasMore) = try await purchases.listWaiting(
            startingAfter: try query.value("starting_after", "an id") { ID.isValid($0) ? $0 : nil },
            limit: try query.limit
        )
        return .document(["data": .array(page.map(PurchaseDocument.purchase)), "has_more": .bool(hasMore)])
    }

    private static func document(_ price: PriceRecord?) throws(ProblemDetails) -> Response {
        guard let price else {
            throw .notFound(code: "unknown_price", detail: "This price is not in the price map: it buys no credits.")
        }
        return .document(PurchaseDocument.price(price))
    }
}
