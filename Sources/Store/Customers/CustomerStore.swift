// SPDX-License-Identifier: Apache-2.0

import Billing
import Postgres

/// What is known about customers, for operators to read.
package struct CustomerStore: Sendable {
    let database: Database

    /// At least so many purchases and invoices are told, however few lines are asked for.
    private static let leastObjects = 100

    /// - Parameter limit: how many lines of the ledger and of the timeline, newest first to count; and of purchases and
    ///   invoices, if it is more than a hundred.
    /// - Returns: nil for a customer that no event and no operator has named.
    package func statement(of id: String, latest limit: Int = 500) async throws -> CustomerStatement? {
        let most = max(limit, Self.leastObjects)
        // One moment for all parts: the answer must not be newer than the timeline that explains it.
        return try await database.transaction(mode: .snapshot) { connection in
            let (answers, account, subscriptions, invoices, purchases, ledger, timeline) = try connection.pipeline {
                (
                    $0.execute(AccessReader.query([id])),
                    $0.execute(
                        """
                        SELECT \(StoredOverride.columns), is_deleted
                        FROM tollgate.account
                        WHERE customer_id = \(id)
                        """),
                    $0.execute(
                        """
                        SELECT \(StoredSubscription.columns)
                        FROM tollgate.subscription
                        WHERE customer_id = \(id)
                        ORDER BY id
                        """),
                    $0.execute(Self.invoices(of: id, latest: most + 1)),
                    $0.execute(PurchaseStore.purchases(of: id, latest: most + 1)),
                    $0.execute(Self.ledger(of: id, latest: limit + 1)),
                    $0.execute(Self.timeline(of: id, latest: limit + 1))
                )
            }
            guard let answer = try AccessReader.answers(answers.rows)[id] else { return nil }
            let row = try account.rows.only
            let (entries, lines) = (
                try ledger.rows.map(LedgerEntry.init).reversed(), try timeline.rows.map(TimelineEntry.init).reversed()
            )
            let debts = try invoices.rows.map { try StoredInvoice($0).invoice }
            let bought = try purchases.rows.map(PurchaseRecord.init)
            return CustomerStatement(
                answer: answer,
                override: try StoredOverride.decode(row),
                isDeleted: try row["is_deleted"],
                subscriptions: try subscriptions.rows.map { try StoredSubscription($0).subscription },
                invoices: Array(debts.prefix(most)),
                hasMoreInvoices: debts.count > most,
                purchases: Array(bought.prefix(most)),
                hasMorePurchases: bought.count > most,
                ledger: entries.suffix(limit),
                hasMoreLedger: entries.count > limit,
                timeline: lines.suffix(limit),
                hasMoreTimeline: lines.count > limit
            )
        }
    }

    /// A page of the whole ledger, the newest entry first.
    /// - Parameter number: only entries before it; nil for the newest.
    /// - Returns: nil for a customer that no event and no operator has named.
    package func ledger(
        of id: String,
        limit: Int,
        before number: Int64? = nil
    ) async throws -> (entries: [LedgerEntry], hasMore: Bool)? {
        try await database.transaction(mode: .snapshot) { connection in
            let (known, found) = try connection.pipeline {
                (
                    $0.execute("SELECT FROM tollgate.account WHERE customer_id = \(id)"),
                    $0.execute(Self.ledger(of: id, latest: limit + 1, before: number ?? .max))
                )
            }
            guard try known.rows.count > 0 else { return nil }
            let entries = try found.rows.map(LedgerEntry.init)
            return (Array(entries.prefix(limit)), entries.count > limit)
        }
    }

    /// - Returns: nil if no event has named the invoice as a subscription's or a debt.
    package func customer(ofInvoice id: String) async throws -> String? {
        try await database.transaction { connection in
            try connection.execute("SELECT customer_id FROM tollgate.invoice WHERE id = \(id) LIMIT 1").first.map {
                try $0["customer_id"]
            }
        }
    }

    /// By the reason of their stored answer, including reasons that no customer has.
    package func countByReason() async throws -> [Reason: Int] {
        try await database.transaction { connection in
            let rows = try connection.execute(
                "SELECT reason, count(*) AS count FROM tollgate.account GROUP BY reason")
            var counts = Dictionary(uniqueKeysWithValues: Reason.allCases.map { ($0, 0) })
            for row in rows { counts[try row.word("reason")] = try row["count"] as Int }
            return counts
        }
    }

    private static func invoices(of customer: String, latest limit: Int) -> SQL {
        """
        SELECT \(StoredInvoice.columns)
        FROM tollgate.invoice
        WHERE customer_id = \(customer)
        ORDER BY first_failed_at IS NOT NULL AND status IN ('open', 'uncollectible') DESC,
                 first_failed_at DESC NULLS LAST, id DESC
        LIMIT \(limit)
        """
    }

    private static func ledger(of customer: String, latest limit: Int, before number: Int64 = .max) -> SQL {
        """
        SELECT \(LedgerEntry.columns)
        FROM tollgate.credit_entry
        WHERE customer_id = \(customer) AND number < \(number)
        ORDER BY number DESC
        LIMIT \(limit)
        """
    }

    private static func timeline(of customer: String, latest limit: Int) -> SQL {
        """
        SELECT \(TimelineEntry.columns)
        FROM tollgate.access_change
        WHERE customer_id = \(customer)
        ORDER BY version DESC
        LIMIT \(limit)
        """
    }
}
