// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import Postgres

extension AccountRows {
    /// Writes what differs from what was loaded, in one round trip.
    func save(_ accounts: some Collection<Account>) throws {
        try connection.pipeline { save(accounts, $0) }
    }

    /// The same as part of a pipeline.
    func save(_ accounts: some Collection<Account>, _ pipeline: Pipeline) {
        let changed = accounts.filter { $0 != loaded[$0.customer] }
        guard !changed.isEmpty else { return }
        saveSubscriptions(changed, pipeline)
        saveInvoices(changed, pipeline)
        BalanceRows.save(changed.map(\.balance), at: now, pipeline)
        saveAnswers(changed, pipeline)
        saveChanges(changed, pipeline)
        let announced = changed.filter {
            $0.access != loaded[$0.customer]?.access || $0.balance.credits != loaded[$0.customer]?.balance.credits
        }
        if !announced.isEmpty { changes.announce(announced.map(\.customer), connection, pipeline) }
    }

    private func saveSubscriptions(_ accounts: [Account], _ pipeline: Pipeline) {
        let changed = accounts.flatMap { account in
            account.subscriptions.values
                .filter { $0 != loaded[account.customer]?.subscriptions[$0.id] }
                .map { StoredSubscription(of: account.customer, $0) }
        }
        guard !changed.isEmpty else { return }
        let rows = StoredSubscription.rows
        pipeline.execute(
            """
            INSERT INTO tollgate.subscription (\(rows.columns))
            SELECT \(rows.columns) FROM \(rows.table(changed))
            ON CONFLICT (customer_id, id) DO UPDATE SET \(rows.replacements)
            """)
    }

    private func saveInvoices(_ accounts: [Account], _ pipeline: Pipeline) {
        let changed = accounts.flatMap { account in
            account.invoices.values
                .filter { $0 != loaded[account.customer]?.invoices[$0.id] }
                .map { StoredInvoice(of: account.customer, $0) }
        }
        guard !changed.isEmpty else { return }
        let rows = StoredInvoice.rows
        pipeline.execute(
            """
            INSERT INTO tollgate.invoice (\(rows.columns))
            SELECT \(rows.columns) FROM \(rows.table(changed))
            ON CONFLICT (customer_id, id) DO UPDATE SET \(rows.replacements)
            """)
    }

    private static let answers = Unnest<(account: Account, access: Access)> {
        Column.key("customer_id", \.account.customer)
        Column("is_deleted", \.account.isDeleted)
        Column("override_allowed", \.account.override?.allowed)
        Column("override_reason", \.account.override?.reason)
        Column("override_until", \.account.override?.until)
        Column("override_operator", \.account.override?.operator)
        Column("override_set_at", \.account.override?.setAt)
        Column("open_disputes") {
            $0.account.openDisputes.isEmpty ? nil : $0.account.openDisputes.sorted().joined(separator: " ")
        }
        Column("has_purchased", \.account.hasPurchased)
        Column("was_granted", \.account.wasGranted)
        Column("credits", \.account.balance.credits)
        Column("last_entry", \.account.balance.lastEntry)
        Column("lots") { StoredLot.encode($0.account.balance.lots) }
        Column("debt", \.account.balance.debt)
        Column("held", \.account.balance.held)
        Column("due_at", \.account.balance.dueAt)
        Column("lapses_at", \.account.balance.lapsesAt)
        Column("allowed", \.access.current.decision.allowed)
        Column("reason", \.access.current.decision.reason.rawValue)
        Column("until", \.access.current.decision.until)
        Column("changed_at", \.access.current.from)
        Column("version", \.access.current.version)
        Column("upcoming") { StoredAccess.encode($0.access.upcoming) }
        Column("decided_under", \.account.decidedUnder)
    }

    /// Readers of the feed are not told of the answers to come: those are told of when their time has come.
    private static let mark = FeedMark.set(
        ifAnswer: "(n.allowed, n.reason, n.until) IS DISTINCT FROM (a.allowed, a.reason, a.until)",
        orCredits: "(n.credits, n.version) IS DISTINCT FROM (a.credits, a.version)")

    private func saveAnswers(_ accounts: [Account], _ pipeline: Pipeline) {
        let answers = accounts.compactMap { account in account.access.map { (account: account, access: $0) } }
        pipeline.execute(
            """
            UPDATE tollgate.account a SET \(Self.answers.assignments), \(Self.mark)
            FROM \(Self.answers.table(answers))
            WHERE a.customer_id = n.customer_id
            """)
    }

    private func saveChanges(_ accounts: [Account], _ pipeline: Pipeline) {
        let lines = accounts.flatMap { account in
            account.newChanges.map { TimelineEntry(customer: account.customer, change: $0) }
        }
        guard !lines.isEmpty else { return }
        let rows = TimelineEntry.rows
        pipeline.execute(
            """
            INSERT INTO tollgate.access_change (\(rows.columns))
            SELECT \(rows.columns) FROM \(rows.table(lines))
            """)
    }
}
