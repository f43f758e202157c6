// SPDX-License-Identifier: Apache-2.0

import Notation
import Stripe

/// Answers "why is this customer blocked": the decision first, then what it rests on, then how it came about.
enum CustomerReport {
    static func show(_ answer: JSON, _ terminal: Terminal) -> [String] {
        var lines = [headline(answer, terminal)]
        if let decision = answer["decision"] {
            lines += Field.lines(decision, [("until", "until"), ("credits", "credits"), ("version", "version")])
        }
        if let override = answer["override"] { lines += ["", terminal.bold("Override")] + self.override(override) }
        lines += EventReport.section("Invoices that count", invoices(answer["invoices"]), terminal)
        lines += EventReport.section("Subscriptions", subscriptions(answer["subscriptions"]), terminal)
        lines += EventReport.section("Purchases", PurchaseReport.table(answer["purchases"]), terminal)
        lines += EventReport.section("Credits", LedgerReport.table(answer["ledger"]), terminal)
        if answer["ledger_has_more"]?.bool == true { lines.append(terminal.dim("older entries: --limit 500")) }
        lines += EventReport.section("Timeline", timeline(answer["timeline"]), terminal)
        if answer["timeline_has_more"]?.bool == true { lines.append(terminal.dim("older changes: --limit 500")) }
        return lines
    }

    static func list(_ answer: JSON, _ terminal: Terminal) -> [String] {
        let customers = answer["data"]?.array ?? []
        if customers.isEmpty { return ["no customers"] }
        var table = TextTable("CUSTOMER", "ACCESS", "REASON", "SINCE", "UNTIL", "CREDITS")
        for customer in customers {
            table.add(
                Field.text(customer["customer"]), Field.access(customer["allowed"]), Field.text(customer["reason"]),
                Field.text(customer["changed_at"]), Field.text(customer["until"]), Field.text(customer["credits"]))
        }
        return table.lines(terminal)
    }

    /// A second line for what made a customer: an id with a slip of the pen is a customer for good.
    static func created(_ answer: JSON) -> [String] {
        guard answer["created"]?.bool == true else { return [] }
        return [
            "nobody had named \(TerminalSafe.text(Field.text(answer["customer"]) ?? "this customer")) before: check the id"
        ]
    }

    /// `cus_1  BLOCKED  payment_overdue  since 2026-11-26T09:00:00Z`
    static func headline(_ answer: JSON, _ terminal: Terminal) -> String {
        let decision = answer["decision"]
        var words = [TerminalSafe.text(Field.text(answer["customer"]) ?? "customer")]
        switch decision?["allowed"]?.bool {
        case true?: words.append(terminal.green("ALLOWED"))
        case false?: words.append(terminal.red("BLOCKED"))
        case nil: words.append(terminal.yellow("UNDECIDED"))
        }
        if let reason = Field.text(decision?["reason"]) { words.append(TerminalSafe.text(reason)) }
        if let since = Field.text(decision?["changed_at"]) { words.append("since \(TerminalSafe.text(since))") }
        return terminal.bold(words.joined(separator: "  "))
    }

    private static func override(_ override: JSON) -> [String] {
        let setting = Field.access(override["allowed"]) ?? "set"
        let operatorName = Field.text(override["operator"]).map { " by \(TerminalSafe.text($0))" } ?? ""
        return ["  \(setting)\(operatorName)"]
            + Field.lines(override, [("reason", "reason"), ("until", "until"), ("created", "created_at")])
    }

    private static func invoices(_ invoices: JSON?) -> TextTable {
        var table = TextTable("ID", "STATUS", "DEBT", "FIRST FAILED", "GRACE ENDS", "SUBSCRIPTION", "BILLING REASON")
        for invoice in invoices?.array ?? [] {
            table.add(
                Field.text(invoice["id"]), Field.text(invoice["status"]), Field.text(invoice["is_debt"]),
                Field.text(invoice["first_failed_at"]), Field.text(invoice["grace_ends_at"]),
                Field.text(invoice["subscription"]),
                Field.text(invoice["billing_reason"])
            )
        }
        return table
    }

    private static func subscriptions(_ subscriptions: JSON?) -> TextTable {
        var table = TextTable("ID", "STATUS", "PAID THROUGH", "SUSPENDED AFTER", "RESUMES")
        for subscription in subscriptions?.array ?? [] {
            // While Stripe voids its invoices it entitles to the end of the paid period.
            let isSuspended = subscription["suspended"] == true
            table.add(
                Field.text(subscription["id"]), Field.text(subscription["status"]),
                Field.text(subscription["paid_through"]),
                isSuspended ? Field.text(subscription["paid_period_ends_at"]) ?? "at once" : nil,
                Field.text(subscription["resumes_at"])
            )
        }
        return table
    }

    private static func timeline(_ timeline: JSON?) -> TextTable {
        var table = TextTable("AT", "ACCESS", "REASON", "UNTIL", "CAUSE", "BY", "NOTE")
        for change in timeline?.array ?? [] {
            let cause = change["cause"]
            table.add(
                Field.text(change["at"]), Field.access(change["allowed"]), Field.text(change["reason"]),
                Field.text(change["until"]), Field.text(cause?["kind"]),
                Field.text(cause?["event"]) ?? Field.text(cause?["operator"]), Field.text(cause?["note"])
            )
        }
        return table
    }
}
