// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import Postgres

/// The purchases of one transaction: locked before any account, in the order of their ids, loaded, and saved if they
/// changed. A refund and its purchase on two workers at once meet in the rows of the objects that both name.
struct PurchaseRows {
    let connection: Connection
    private var loaded: [String: Purchase] = [:]

    init(_ connection: Connection) {
        self.connection = connection
    }

    /// Locks and loads the purchases that Stripe's objects belong to; creates one for each new object.
    mutating func lock(_ objects: some Collection<String>) throws -> Books {
        guard !objects.isEmpty else { return Books() }
        let ids = Array(Set(objects)).sorted()
        var locked = try connection.pipeline { pipeline in
            // Waits for another transaction that is creating the same row, and then sees it.
            pipeline.execute(
                """
                INSERT INTO tollgate.purchase (id)
                SELECT id FROM unnest(\(ids)) AS o (id)
                ORDER BY id COLLATE "C"
                ON CONFLICT (id) DO NOTHING
                """)
            // Never released: the commit does that.
            pipeline.execute("SAVEPOINT purchases")
            return pipeline.execute(Self.lockRoots(of: ids))
        }
        while true {
            if let books = try Self.books(locked.rows) {
                loaded = books.purchases
                return books
            }
            // One of them has become part of another. Release the locks too, so that none is taken out of order.
            locked = try connection.pipeline { pipeline in
                pipeline.execute("ROLLBACK TO SAVEPOINT purchases")
                return pipeline.execute(Self.lockRoots(of: ids))
            }
        }
    }

    /// The purchases that objects belong to, a row for each object. A row that was waited for is seen as it is now,
    /// even if it is no longer a separate purchase.
    private static func lockRoots(of objects: [String]) -> SQL {
        """
        \(paths(of: objects))
        SELECT path.object, p.id, p.merged_into, p.facts, p.customer_id, p.given, p.entries, p.expires_at
        FROM path JOIN tollgate.purchase p ON p.id = path.id
        WHERE path.merged_into IS NULL
        ORDER BY p.id
        FOR UPDATE OF p
        """
    }

    /// - Returns: nil if one is no longer a separate purchase.
    private static func books(_ rows: Rows) throws -> Books? {
        var purchases: [String: Purchase] = [:]
        var purchaseOf: [String: String] = [:]
        for row in rows {
            let mergedInto: String? = try row["merged_into"]
            guard mergedInto == nil else { return nil }
            let id: String = try row["id"]
            purchaseOf[try row["object"]] = id
            guard purchases[id] == nil else { continue }
            let customer: String? = try row["customer_id"]
            let credited: Int64 = try row["given"]
            purchases[id] = Purchase(
                id: id,
                facts: try StoredPurchase.decode(row["facts"]),
                credited: customer.map { [$0: credited] } ?? [:],
                entries: try row["entries"],
                expiresAt: try row["expires_at"]
            )
        }
        return Books(purchases: Array(purchases.values), purchaseOf: purchaseOf)
    }

    /// What the ledgers say about the loaded purchases that may lapse: how much has lapsed, by customer and lot, and how
    /// much was taken from other lots or as debt, by customer and purchase. Their own lots have ids of their objects. The
    /// accounts are locked, so that nothing more is written meanwhile.
    func losses(
        at customers: some Sequence<String>
    ) throws -> (lapsed: [String: [String: Int64]], takenElsewhere: [String: [String: Int64]]) {
        let lapsing = loaded.values.filter { $0.expiresAt != nil }.map { purchase in
            (purchase: purchase, lots: [purchase.id] + purchase.facts.parts.keys)
        }
        let (customers, lots) = (Array(customers), lapsing.flatMap(\.lots))
        guard !lots.isEmpty, !customers.isEmpty else { return ([:], [:]) }
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
        func amounts(_ rows: Rows) throws -> [String: [String: Int64]] {
            var amounts: [String: [String: Int64]] = [:]
            for row in rows { amounts[try row["customer_id"], default: [:]][try row["id"]] = try row["credits"] }
            return amounts
        }
        return (try amounts(lapses.rows), try amounts(taken.rows))
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

    /// The purchase that each object belongs to.
    func roots(of objects: [String]) throws -> [String: String] {
        let rows = try connection.execute(
            "\(Self.paths(of: objects)) SELECT object, id FROM path WHERE merged_into IS NULL")
        return try Dictionary(rows.map { (try $0["object"], try $0["id"]) }, uniquingKeysWith: { $1 })
    }

    /// The way from each object to the purchase that it belongs to, as a table `path`.
    private static func paths(of objects: [String]) -> SQL {
        """
        WITH RECURSIVE path AS (
            SELECT id AS object, id, merged_into FROM tollgate.purchase WHERE id = ANY (\(objects))
            UNION ALL
            SELECT path.object, p.id, p.merged_into
            FROM path JOIN tollgate.purchase p ON p.id = path.merged_into
        )
        """
    }

    /// Writes what differs from what was loaded.
    func save(_ books: Books) throws {
        try connection.pipeline { save(books, $0) }
    }

    /// The same as part of a pipeline.
    func save(_ books: Books, _ pipeline: Pipeline) {
        let changed = books.purchases.values.filter { $0 != loaded[$0.id] }.sorted { $0.id < $1.id }
        let merged = books.merged.sorted { $0.key < $1.key }
        guard !changed.isEmpty || !merged.isEmpty else { return }
        let rows = changed.map(NewRow.init) + merged.map { NewRow($0.key, mergedInto: $0.value) }
        pipeline.execute(
            """
            UPDATE tollgate.purchase p SET \(NewRow.rows.assignments)
            FROM \(NewRow.rows.table(rows))
            WHERE p.id = n.id
            """)
    }

    /// What is written for a purchase, and for one that has become part of another: nothing is left in that.
    private struct NewRow {
        let id: String
        var mergedInto: String?
        var facts: JSON = [:]
        var customer: String?
        var credits: Int64?
        var credited: Int64 = 0
        var entries: Int64 = 0
        var expiresAt: Timestamp?

        init(_ id: String, mergedInto: String) {
            self.id = id
            self.mergedInto = mergedInto
        }

        init(_ purchase: Purchase) {
            id = purchase.id
            facts = StoredPurchase.encode(purchase.facts)
            customer = purchase.facts.customer
            credits = purchase.facts.credits
            // More may have lapsed than it sells, if it was two before. None of that is ever taken back.
            credited = min(customer.flatMap { purchase.credited[$0] } ?? 0, credits ?? 0)
            entries = purchase.entries
            expiresAt = purchase.expiresAt
        }

        static let rows = Unnest<NewRow> {
            Column.key("id", \.id)
            Column("merged_into", \.mergedInto)
            Column("facts", \.facts)
            Column("customer_id", \.customer)
            Column("credits", \.credits)
            Column("given", \.credited)
            Column("entries", \.entries)
            Column("expires_at", \.expiresAt)
        }
    }
}
