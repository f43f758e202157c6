// SPDX-License-Identifier: Apache-2.0

import Notation

/// How many credits a price buys.
package enum PricesAPI {
    /// The most that one purchase may buy.
    package static let credits: ClosedRange<Int64> = 1...1_000_000_000_000_000

    static let creditsForm = Form<Int64>.integer(credits, "a whole number from 1 to 10^15")

    package static let unitAmount: ClosedRange<Int64> = 1 ... .max

    package struct Path: ObjectContent {
        package static let form = ObjectForm("PricePath", Path())

        package let price = Property(path: "price", .priceID)
    }

    package struct Request: ObjectContent {
        package static let form = ObjectForm("PriceRequest", Request())

        package let credits = Property("credits", creditsForm)
        /// What one unit costs, in the currency's smallest unit.
        package let unitAmount = Property(
            optional: "unit_amount",
            .integer(PricesAPI.unitAmount, "1 or more, in the currency's smallest unit, or null"))
    }

    package struct Price: ObjectContent {
        package static let form = ObjectForm("Price", Price())

        package let price = Property("price", .priceID)
        package let credits = Property("credits", .integer)
        package let unitAmount = Property("unit_amount", .nullable(.integer))
        package let `operator` = Property("operator", .string)
        package let setAt = Property("set_at", .time)
    }

    package struct List: ObjectContent {
        package static let form = ObjectForm("PriceList", List())

        package let data = Property("data", .list(of: Price.self))
    }

    package static let list = Operation<Nothing, Nothing, List>(
        .get, "/admin/v1/prices", id: "listPrices", by: .admin, "The prices that buy credits",
        links: ["showPrice", "setPrice", "removePrice"].map {
            Endpoint.Link(operation: $0, parameter: "price", pointer: "/data/0/price")
        })

    package static let show = Operation<Path, Nothing, Price>(
        .get, "/admin/v1/prices/{price}", id: "showPrice", by: .admin, "What one unit of a price buys",
        problems: [.unknownPrice])

    package static let set = Operation<Path, Request, Price>(
        .put, "/admin/v1/prices/{price}", id: "setPrice", by: .admin, "Add a price, or change what it buys",
        problems: [.unknownPrice])

    package static let remove = Operation<Path, Nothing, Price>(
        .delete, "/admin/v1/prices/{price}", id: "removePrice", by: .admin, "Take a price from the list",
        problems: [.unknownPrice])

    static let endpoints = [list.endpoint, show.endpoint, set.endpoint, remove.endpoint]
}
