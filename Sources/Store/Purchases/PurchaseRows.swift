// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import Postgres

/// The purchases of one transaction: locked before any account, in the order of their ids, loaded, and saved if they
/// changed. A refund and its purchase on two workers at once meet in the rows of the objects that both name.
struct PurchaseRows {
    let connection: Connection
    private(set) var loaded: [String: Purchase] = [:]

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
        SELECT path.object, p.id, p.merged_into, p.facts, p.customer_id, p.given, p.excess, p.entries, p.expires_at
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
                expiresAt: try row["expires_at"],
                excess: try row["excess"]
            )
        }
        return Books(purchases: Array(purchases.values), purchaseOf: purchaseOf)
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
        let rows =
            changed.map(NewRow.init)
            + merged.map {
                NewRow($0.key, mergedInto: $0.value, entries: books.entriesOfMerged[$0.key] ?? 0)
            }
        pipeline.execute(
            """
            UPDATE tollgate.purchase p SET \(NewRow.rows.assignments)
            FROM \(NewRow.rows.table(rows))
            WHERE p.id = n.id
            """)
    }

    /// What is written for a purchase, and for one that has become part of another: nothing is left in that but how many
    /// ledger entries there are under its id.
    private struct NewRow {
        let id: String
        var mergedInto: String?
        var facts: JSON = [:]
        var customer: String?
        var credits: Int64?
        var credited: Int64 = 0
        var excess: Int64 = 0
        var entries: Int64 = 0
        var expiresAt: Timestamp?

        init(_ id: String, mergedInto: String, entries: Int64) {
            self.id = id
            self.mergedInto = mergedInto
            self.entries = entries
        }

        init(_ purchase: Purchase) {
            id = purchase.id
            facts = StoredPurchase.encode(purchase.facts)
            customer = purchase.facts.customer
            credits = purchase.facts.credits
            credited = customer.flatMap { purchase.credited[$0] } ?? 0
            excess = purchase.excess
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
            Column("excess", \.excess)
            Column("entries", \.entries)
            Column("expires_at", \.expiresAt)
        }
    }
}
