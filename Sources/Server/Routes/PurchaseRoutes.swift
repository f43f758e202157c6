import Billing
import Hummingbird
import Store
import Stripe

/// `/admin/v1/prices`: how many credits a price buys. `/admin/v1/purchases`: what is known of a payment, and which
/// purchases wait for a customer.
struct PurchaseRoutes: Sendable {
    let store: Store

    private struct PriceRequest: Decodable {
        let credits: Int64
    }

    func register(on routes: AdminRoutes) {
        routes.get("/admin/v1/prices") { _, _ in
            Response.document(["data": .array(try await store.prices().map(PurchaseDocument.price))])
        }
        routes.get("/admin/v1/prices/{price}") { _, context in
            try Self.document(try await store.price(try context.price("price")))
        }
        routes.put("/admin/v1/prices/{price}", body: .json) { request, context in
            let id = try context.price("price")
            let wanted = try await request.decodeBody(PriceRequest.self, fields: ["credits"])
            guard (1...Offer.limit).contains(wanted.credits) else {
                throw ProblemDetails.invalidField("credits", "must be a whole number from 1 to 10^15")
            }
            return try Self.document(
                try await store.setPrice(id, credits: wanted.credits, operator: context.operatorLabel))
        }
        routes.delete("/admin/v1/prices/{price}") { _, context in
            try Self.document(try await store.removePrice(try context.price("price")))
        }
        routes.get("/admin/v1/purchases", parameters: ["waiting", "limit", "starting_after"]) { request, _ in
            try await listWaiting(Query(request))
        }
        routes.get("/admin/v1/purchases/{object}") { _, context in
            let object = try context.id("object")
            guard let purchase = try await store.purchase(of: object) else {
                if let customer = try await store.customer(ofInvoice: object) {
                    throw ProblemDetails.notFound(
                        code: "unknown_purchase",
                        detail:
                            "This invoice buys no credits; it is one of \(customer): /admin/v1/customers/\(customer)."
                    )
                }
                throw ProblemDetails.notFound(
                    code: "unknown_purchase",
                    detail: "No event has named a payment intent, charge, Checkout session or invoice of this id."
                )
            }
            return Response.document(PurchaseDocument.purchase(purchase))
        }
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
        let (page, hasMore) = try await store.waitingPurchases(
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
