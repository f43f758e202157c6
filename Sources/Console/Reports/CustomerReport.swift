// SPDX-License-Identifier: Apache-2.0

import API
import Notation

/// Answers "why is this customer blocked": the decision first, then its grounds, then its history.
enum CustomerReport {
    static func show(_ statement: Object<CustomersAPI.Statement>, _ terminal: Terminal) -> [String] {
        var lines = [headline(statement, terminal)]
        let decision = statement.decision
        lines += Field.lines([
            ("until", Field.text(decision.until)), ("credits", Field.text(decision.credits)),
            ("held", statement.held == 0 ? nil : Field.text(statement.held)),
            ("available", statement.available == decision.credits ? nil : Field.text(statement.available)),
            ("version", Field.text(decision.version)),
        ])
        if let override = statement.override { lines += ["", terminal.bold("Override")] + self.override(override) }
        lines += EventReport.section("Invoices that count", invoices(statement.invoices), terminal)
        if statement.invoicesHasMore {
            lines.append(
                terminal.dim(more("invoices", shown: statement.invoices.count, "only debts block; those come first")))
        }
        lines += EventReport.section("Subscriptions", subscriptions(statement.subscriptions), terminal)
        lines += EventReport.section("Purchases", PurchaseReport.table(statement.purchases), terminal)
        if statement.purchasesHasMore {
            let advice = "tollgate purchases show pi_… shows any of them"
            lines.append(terminal.dim(more("purchases", shown: statement.purchases.count, advice)))
        }
        lines += EventReport.section("Lots, in the order in which they are spent", lots(statement.lots), terminal)
        lines += EventReport.section("Credits", LedgerReport.table(statement.ledger), terminal)
        if statement.ledgerHasMore {
            let all = "tollgate customers ledger \(ShellWord.written(TerminalSafe.text(statement.customer)))"
            lines.append(terminal.dim("older entries: \(all)"))
        }
        lines += EventReport.section("Timeline", timeline(statement.timeline), terminal)
        if statement.timelineHasMore { lines.append(terminal.dim("older changes: --limit 500")) }
        return lines
    }

    /// - Parameter advice: how to see the lines beyond the largest `--limit`.
    private static func more(_ what: String, shown: Int, _ advice: String) -> String {
        shown < CustomersAPI.mostLines.upperBound ? "older \(what): --limit 500" : "there are older \(what); \(advice)"
    }

    static func list(_ customers: [Object<CustomersAPI.Line>], _ terminal: Terminal) -> [String] {
        if customers.isEmpty { return ["no customers"] }
        var table = TextTable("CUSTOMER", "ACCESS", "REASON", "SINCE", "UNTIL", "CREDITS")
        for customer in customers {
            table.add(
                customer.customer, Field.access(customer.allowed), customer.reason, Field.text(customer.changedAt),
                Field.text(customer.until), Field.text(customer.credits))
        }
        return table.lines(terminal)
    }

    /// A second line if the command created the customer: a mistyped id stays as a customer.
    static func created(_ customer: String, _ isCreated: Bool?) -> [String] {
        isCreated == true ? ["nobody had named \(TerminalSafe.text(customer)) before: check the id"] : []
    }

    /// `cus_1  BLOCKED  payment_overdue  since 2026-11-26T09:00:00Z`
    static func headline(_ statement: Object<CustomersAPI.Statement>, _ terminal: Terminal) -> String {
        let decision = statement.decision
        let words = [
            TerminalSafe.text(statement.customer),
            decision.allowed ? terminal.green("ALLOWED") : terminal.red("BLOCKED"),
            TerminalSafe.text(decision.reason), "since \(Field.second(decision.changedAt))",
        ]
        return terminal.bold(words.joined(separator: "  "))
    }

    private static func override(_ override: Object<CustomersAPI.Override>) -> [String] {
        ["  \(Field.access(override.allowed)) by \(TerminalSafe.text(override.operator))"]
            + Field.lines([
                ("reason", override.reason), ("until", Field.text(override.until)),
                ("created", Field.text(override.createdAt)),
            ])
    }

    private static func invoices(_ invoices: [Object<CustomersAPI.Invoice>]) -> TextTable {
        var table = TextTable("ID", "STATUS", "DEBT", "FIRST FAILED", "GRACE ENDS", "SUBSCRIPTION", "BILLING REASON")
        for invoice in invoices {
            table.add(
                invoice.id, invoice.status, Field.text(invoice.isDebt), Field.text(invoice.firstFailedAt),
                Field.text(invoice.graceEndsAt), invoice.subscription, invoice.billingReason
            )
        }
        return table
    }

    private static func subscriptions(_ subscriptions: [Object<CustomersAPI.Subscription>]) -> TextTable {
        var table = TextTable("ID", "STATUS", "PAID THROUGH", "SUSPENDED AFTER", "RESUMES")
        for subscription in subscriptions {
            // While Stripe voids its invoices, it grants access until the end of the paid period.
            let end = Field.text(subscription.paidPeriodEndsAt) ?? "at once"
            table.add(
                subscription.id, subscription.status, Field.text(subscription.paidThrough),
                subscription.suspended ? end : nil, Field.text(subscription.resumesAt)
            )
        }
        return table
    }

    private static func lots(_ lots: [Object<BalanceAPI.Lot>]) -> TextTable {
        var table = TextTable("LOT", "KIND", "REMAINING", "HELD", "LAPSES")
        for lot in lots {
            table.add(
                lot.id, lot.kind, Field.text(lot.remaining), lot.held == 0 ? nil : Field.text(lot.held),
                lot.expiresAt.map(Field.second))
        }
        return table
    }

    private static func timeline(_ timeline: [Object<CustomersAPI.Change>]) -> TextTable {
        var table = TextTable("AT", "ACCESS", "REASON", "UNTIL", "CAUSE", "BY", "NOTE")
        for change in timeline {
            let cause = change.cause
            table.add(
                Field.text(change.at), Field.access(change.allowed), change.reason, Field.text(change.until),
                cause.kind, cause.event ?? cause.operator ?? cause.hold ?? cause.debit ?? cause.usage, cause.note
            )
        }
        return table
    }
}
