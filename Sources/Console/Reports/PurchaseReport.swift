// SPDX-License-Identifier: Apache-2.0

import API

/// Purchases as an operator reads them.
enum PurchaseReport {
    static func list(_ purchases: [Object<PurchasesAPI.Purchase>], _ terminal: Terminal) -> [String] {
        if purchases.isEmpty { return ["no purchase waits for a customer"] }
        return table(purchases).lines(terminal)
    }

    static func table(_ purchases: [Object<PurchasesAPI.Purchase>]) -> TextTable {
        var table = TextTable("ID", "CREDITS", "GIVEN", "PAID", "TAKEN BACK", "OBJECTS", "DISPUTES")
        for purchase in purchases {
            let disputes = purchase.disputes.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.status)" }
            table.add(
                purchase.id, Field.text(purchase.credits), Field.text(purchase.given),
                Money.text(purchase.paid, purchase.currency), taken(purchase),
                purchase.objects.keys.sorted().joined(separator: " "),
                disputes.joined(separator: ", ")
            )
        }
        return table
    }

    static func show(_ purchase: Object<PurchasesAPI.Purchase>, _ terminal: Terminal) -> [String] {
        let customer = purchase.customer.map(TerminalSafe.text) ?? terminal.yellow("WAITS FOR A CUSTOMER")
        var lines = [terminal.bold("\(TerminalSafe.text(purchase.id))  \(customer)")]
        let assignment = purchase.assignment
        lines += Field.lines([
            ("buys", credits(purchase.credits)), ("given", credits(purchase.given)),
            ("paid", Money.text(purchase.paid, purchase.currency)),
            ("of it for credits", Money.text(purchase.share, purchase.currency)), ("taken back", taken(purchase)),
            ("assigned to", assignment?.customer), ("by", assignment?.operator), ("reason", assignment?.reason),
            ("at", (assignment?.at).map(Field.second)),
        ])
        if let former = purchase.takenFrom { lines.append(terminal.yellow(taking(former))) }
        return lines + objects(purchase, terminal) + takings(purchase, terminal)
    }

    /// Nil for 0, so that nothing is shown.
    private static func taken(_ purchase: Object<PurchasesAPI.Purchase>) -> String? {
        purchase.taken == 0 ? nil : Money.text(purchase.taken, purchase.currency)
    }

    private static func credits(_ number: Int64?) -> String? { number.map { "\($0) credits" } }

    private static func taking(_ former: Object<PurchasesAPI.Taking>) -> String {
        let credits = former.credits == 0 ? "no credits" : "-\(former.credits) credits"
        return "taken from \(TerminalSafe.text(former.customer)): \(credits), now \(TerminalSafe.text(former.reason))"
    }

    private static func objects(_ purchase: Object<PurchasesAPI.Purchase>, _ terminal: Terminal) -> [String] {
        var table = TextTable("ID", "KIND", "CUSTOMER", "CREDITS", "PAID", "REFUNDED")
        for (id, object) in purchase.objects.sorted(by: { $0.key < $1.key }) {
            table.add(
                id, object.kind, object.customer, Field.text(object.credits), Money.text(object.paid, object.currency),
                Money.text(object.refunded, object.currency)
            )
        }
        return EventReport.section("Objects at Stripe", table, terminal)
    }

    /// Refunds and disputes.
    private static func takings(_ purchase: Object<PurchasesAPI.Purchase>, _ terminal: Terminal) -> [String] {
        var refunds = TextTable("ID", "STATUS", "AMOUNT")
        for (id, refund) in purchase.refunds.sorted(by: { $0.key < $1.key }) {
            refunds.add(id, refund.status, Money.text(refund.amount, refund.currency))
        }
        var disputes = TextTable("ID", "STATUS", "AMOUNT", "AT")
        for (id, dispute) in purchase.disputes.sorted(by: { $0.key < $1.key }) {
            disputes.add(id, dispute.status, Money.text(dispute.amount, dispute.currency), Field.text(dispute.at))
        }
        return EventReport.section("Refunds", refunds, terminal)
            + EventReport.section("Disputes", disputes, terminal)
    }
}
