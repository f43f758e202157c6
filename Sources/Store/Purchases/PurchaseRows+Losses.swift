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
        let own = lapsing.flatMap { purchase, lots in
            lots.map { OwnLot(purchase: purchase.id, lot: $0, lots: lots.joined(separator: " ")) }
        }
        let (gone, taken) = try connection.pipeline { pipeline in
            (
                pipeline.execute(
                    """
                    SELECT e.kind, e.customer_id, l.lot AS id, -sum(l.amount::bigint)::bigint AS credits
                    FROM tollgate.credit_entry e CROSS JOIN LATERAL jsonb_each_text(e.lots) AS l (lot, amount)
                    WHERE e.kind IN ('expiry', 'repayment') AND e.customer_id = ANY (\(customers)) AND e.lots ?| \(lots)
                      AND l.lot = ANY (\(lots))
                    GROUP BY e.kind, e.customer_id, l.lot
                    """),
                // Entries of what was merged into a purchase are under its former id.
                pipeline.execute(
                    """
                    SELECT e.customer_id, n.purchase AS id, sum(e.amount)::bigint AS credits,
                           sum(coalesce(own.amount, 0) - e.amount)::bigint AS elsewhere
                    FROM \(OwnLot.rows.table(own))
                    JOIN tollgate.purchase p ON p.id = n.lot
                    CROSS JOIN LATERAL generate_series(1, p.entries) AS k (number)
                    JOIN tollgate.credit_entry e ON e.business_key = 'purchase:' || n.lot || ':' || k.number
                    CROSS JOIN LATERAL (
                        SELECT sum(l.amount::bigint) AS amount
                        FROM jsonb_each_text(e.lots) AS l (lot, amount)
                        WHERE l.lot = ANY (string_to_array(n.lots, ' '))
                    ) own
                    GROUP BY e.customer_id, n.purchase
                    """)
            )
        }
        let rows = try Dictionary(grouping: gone.rows) { try $0.word("kind") as CreditEntry.Kind }
        return PurchaseLosses(
            lapsed: try amounts(rows[.expiry] ?? []), takenElsewhere: try amounts(taken.rows, "elsewhere"),
            posted: try amounts(taken.rows), repaid: try amounts(rows[.repayment] ?? []))
    }

    private func amounts(
        _ rows: some Sequence<Rows.Row>, _ column: String = "credits"
    ) throws -> [String: [String: Int64]] {
        var amounts: [String: [String: Int64]] = [:]
        for row in rows { amounts[try row["customer_id"], default: [:]][try row["id"]] = try row[column] }
        return amounts
    }

    /// A lot of a purchase that may lapse.
    private struct OwnLot {
        let purchase: String
        let lot: String
        /// All of the purchase, separated by spaces.
        let lots: String

        static let rows = Unnest<OwnLot> {
            Column("purchase", \.purchase)
            Column("lot", \.lot)
            Column("lots", \.lots)
        }
    }
}
