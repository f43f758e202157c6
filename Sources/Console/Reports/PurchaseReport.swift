// SPDX-License-Identifier: Apache-2.0

import Notation
import Stripe

/// Purchases and prices as an operator reads them.
enum PurchaseReport {
    static func prices(_ answer: JSON, _ terminal: Terminal) -> [String] {
        let prices = answer["data"]?.array ?? []
        if prices.isEmpty { return ["no prices: invoices buy credits only by their metadata"] }
        var table = TextTable("PRICE", "CREDITS", "UNIT AMOUNT", "SET BY", "SET AT")
        for price in prices {
            table.add(
                Field.text(price["price"]), Field.text(price["credits"]), Field.text(price["unit_amount"]),
                Field.text(price["operator"]), Field.text(price["set_at"])
            )
        }
        return table.lines(terminal)
    }

    static func list(_ answer: JSON, _ terminal: Terminal) -> [String] {
        let purchases = answer["data"]?.array ?? []
        if purchases.isEmpty { return ["no purchase waits for a customer"] }
        return table(answer["data"]).lines(terminal)
    }

    static func table(_ purchases: JSON?) -> TextTable {
        var table = TextTable("ID", "CREDITS", "GIVEN", "PAID", "TAKEN BACK", "OBJECTS", "DISPUTES")
        for purchase in purchases?.array ?? [] {
            table.add(
                Field.text(purchase["id"]), Field.text(purchase["credits"]), Field.text(purchase["given"]),
                Field.text(purchase["paid"]), Field.text(purchase["taken"]),
                purchase["objects"]?.object?.keys.sorted().joined(separator: " "),
                purchase["disputes"]?.object?.sorted { $0.key < $1.key }
                    .map { "\($0.key) \(Field.text($0.value["status"]) ?? "")" }.joined(separator: ", ")
            )
        }
        return table
    }

    static func show(_ purchase: JSON, _ terminal: Terminal) -> [String] {
        let customer =
            Field.text(purchase["customer"]).map(TerminalSafe.text) ?? terminal.yellow("WAITS FOR A CUSTOMER")
        var lines = [terminal.bold("\(TerminalSafe.text(Field.text(purchase["id"]) ?? "purchase"))  \(customer)")]
        lines += Field.lines(
            purchase,
            [
                ("credits", "credits"), ("given", "given"), ("paid", "paid"), ("of it for credits", "share"),
                ("taken back", "taken"),
            ])
        if let former = purchase["taken_from"], let customer = Field.text(former["customer"]) {
            let credits = former["credits"]?.integer.map { $0 == 0 ? "no credits" : "-\($0) credits" } ?? "its credits"
            let reason = Field.text(former["reason"]).map { ", now \(TerminalSafe.text($0))" } ?? ""
            lines.append(terminal.yellow("taken from \(TerminalSafe.text(customer)): \(credits)\(reason)"))
        }
        if let assignment = purchase["assignment"], assignment != .null {
            lines += Field.lines(
                assignment,
                [("assigned to", "customer"), ("by", "operator"), ("reason", "reason"), ("at", "at")])
        }
        var objects = TextTable("ID", "KIND", "CUSTOMER", "CREDITS", "PAID", "REFUNDED")
        for (id, object) in (purchase["objects"]?.object ?? [:]).sorted(by: { $0.key < $1.key }) {
            objects.add(
                id, Field.text(object["kind"]), Field.text(object["customer"]), Field.text(object["credits"]),
                Field.text(object["paid"]), Field.text(object["refunded"])
            )
        }
        lines += EventReport.section("Objects at Stripe", objects, terminal)
        for (title, key) in [("Refunds", "refunds"), ("Disputes", "disputes")] {
            var table = TextTable("ID", "STATUS", "AMOUNT", "AT")
            for (id, taking) in (purchase[key]?.object ?? [:]).sorted(by: { $0.key < $1.key }) {
                table.add(id, Field.text(taking["status"]), Field.text(taking["amount"]), Field.text(taking["at"]))
            }
            lines += EventReport.section(title, table, terminal)
        }
        return lines
    }
}
