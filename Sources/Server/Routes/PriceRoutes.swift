// SPDX-License-Identifier: Apache-2.0

import API
import HTTP
import Store

/// `/admin/v1/prices`: how many credits a price buys.
struct PriceRoutes: Sendable {
    let prices: PriceStore

    func register(on routes: OperationRoutes) {
        routes.on(PricesAPI.list) { _ in PriceDocument.list(try await prices.list()) }
        routes.on(PricesAPI.show) { call in try Self.document(try await prices.find(call.parameters.price)) }
        routes.on(PricesAPI.set) { call in
            try Self.document(
                try await prices.set(
                    call.parameters.price, credits: call.body.credits, unitAmount: call.body.unitAmount,
                    operator: call.caller))
        }
        routes.on(PricesAPI.remove) { call in try Self.document(try await prices.remove(call.parameters.price)) }
    }

    private static func document(_ price: PriceRecord?) throws(ProblemDetails) -> Object<PricesAPI.Price> {
        guard let price else {
            throw ProblemDetails(.unknownPrice, "This price is not in the price map: it buys no credits.")
        }
        return PriceDocument.price(price)
    }
}
