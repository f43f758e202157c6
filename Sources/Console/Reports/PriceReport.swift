// SPDX-License-Identifier: Apache-2.0

import API

/// Prices as an operator reads them.
enum PriceReport {
    static func list(_ prices: [Object<PricesAPI.Price>], _ terminal: Terminal) -> [String] {
        if prices.isEmpty { return ["no prices: invoices buy credits only by their metadata"] }
        var table = TextTable("PRICE", "CREDITS", "UNIT AMOUNT", "SET BY", "SET AT")
        for price in prices {
            table.add(
                price.price, Field.text(price.credits), Field.text(price.unitAmount), price.operator,
                Field.text(price.setAt)
            )
        }
        return table.lines(terminal)
    }
}
