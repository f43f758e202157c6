// SPDX-License-Identifier: Apache-2.0

import Billing
import Postgres

extension PurchaseRows {
    /// What the ledgers say about the loaded purchases that may lapse. The accounts are locked, so that nothing more is
    /// written meanwhile.
    func losses(at customers: some Sequence<String>) throws -> PurchaseLosses {
        let lapsing = loaded.values.filter { $0.expiresAt != nil }.map { purchase in
            // Own lots have ids of their purchase's objects.
            (purchase: purchase, lots: Array(Set(purchase.facts.parts.keys).union([purchase.id])))
        }
        let (customers, lots) = (Array(customers), lapsing.flatMap(\.lots))
        guard !lots.isEmpty, !customers.isEmpty else { return PurchaseLosses() }
        let entries = lapsing.flatMap { purchase, lots in
            (0..<purchase.entries).map { index in
                LapsingEntry(
                    purchase: purchase.id, lots: lots.joined(separator: " "),
                    businessKey: "purchase:\(purchase.id):\(index + 1)")
            }
        }
        let (lapses, taken) = try connection.pipeline { pipeline in
            (
                pipeline.execute(
                    """
                    SELECT e.customer_id, l.lot AS id, -sum(l.amount::bigint)::bigint AS credits
                    FROM tollgate.credit_entry e CROSS JOIN LATERAL jsonb_each_text(e.lots) AS l (lot, amount)
                    WHERE e.kind = 'expiry' AND e.customer_id = ANY (\(customers)) AND e.lots ?| \(lots)
                      AND l.lot = ANY (\(lots))
                    GROUP BY e.customer_id, l.lot
                    """),
                pipeline.execute(
                    """
                    SELECT e.customer_id, n.purchase AS id, sum(coalesce(own.amount, 0) - e.amount)::bigint AS credits
                    FROM \(LapsingEntry.rows.table(entries))
                    JOIN tollgate.credit_entry e USING (business_key)
                    CROSS JOIN LATERAL (
                        SELECT sum(l.amount::bigint) AS amount
                        FROM jsonb_each_text(e.lots) AS l (lot, amount)
                        WHERE l.lot = ANY (string_to_array(n.lots, ' '))
                    ) own
                    GROUP BY e.customer_id, n.purchase
                    """)
            )
        }
        var losses = PurchaseLosses(lapsed: try amounts(lapses.rows), takenElsewhere: try amounts(taken.rows))
        for (purchase, lots) in lapsing {
            let own = losses.takenElsewhere.filter { $0.value[purchase.id, default: 0] > 0 }.map(\.key)
            guard !own.isEmpty else { continue }
            // It reads whole ledgers: only where a refund or dispute went beyond the purchase's own lots.
            let moved = try connection.execute(
                """
                SELECT e.customer_id, \(purchase.id) AS id, sum(l.amount::bigint)::bigint AS credits
                FROM tollgate.credit_entry e CROSS JOIN LATERAL jsonb_each_text(e.lots) AS l (lot, amount)
                WHERE e.customer_id = ANY (\(own)) AND e.lots ?| \(lots) AND l.lot = ANY (\(lots))
                GROUP BY e.customer_id
                """)
            losses.movedInOwnLots.merge(try amounts(moved)) { $0.merging($1) { $1 } }
        }
        return losses
    }

    private func amounts(_ rows: Rows) throws -> [String: [String: Int64]] {
        var amounts: [String: [String: Int64]] = [:]
        for row in rows { amounts[try row["customer_id"], default: [:]][try row["id"]] = try row["credits"] }
        return amounts
    }

    /// A ledger entry of a purchase that may lapse.
    private struct LapsingEntry {
        let purchase: String
        /// Ids, separated by spaces.
        let lots: String
        let businessKey: String

        static let rows = Unnest<LapsingEntry> {
            Column("purchase", \.purchase)
            Column("lots", \.lots)
            Column("business_key", \.businessKey)
        }
    }
}
