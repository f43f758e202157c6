import Billing
import Postgres

/// The purchases of one transaction: locked, before any account, in the order of their ids, loaded, and what changed
/// saved. A refund and its purchase on two workers at once meet in the rows of the objects that both name.
struct PurchaseRows {
    let connection: Connection
    private var loaded: [String: Purchase] = [:]

    init(_ connection: Connection) {
        self.connection = connection
    }

    /// Locks and loads the purchases that Stripe's objects belong to; makes one for each object that is new.
    mutating func lock(_ objects: some Collection<String>) throws -> Books {
        guard !objects.isEmpty else { return Books() }
        let ids = Array(Set(objects)).sorted()
        // Waits for another transaction that is making the same row, and then sees it.
        let made: [String] = try connection.execute(
            """
            INSERT INTO tollgate.purchase (id)
            SELECT id FROM unnest($1::text[]) AS o (id)
            ORDER BY id COLLATE "C"
            ON CONFLICT (id) DO NOTHING
            RETURNING id
            """,
            .array(ids)
        ).map { try $0.decode(String.self) }
        // Nobody else sees these: they need no lock.
        let fresh = Set(made)
        let known = ids.filter { !fresh.contains($0) }
        while true {
            try connection.executeScript("SAVEPOINT purchases")
            let purchaseOf = try roots(of: known)
            if let locked = try lockRoots(Set(purchaseOf.values).sorted()) {
                try connection.executeScript("RELEASE SAVEPOINT purchases")
                let purchases = locked + made.map { Purchase(id: $0) }
                loaded = Dictionary(purchases.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
                return Books(
                    purchases: purchases,
                    purchaseOf: purchaseOf.merging(made.map { ($0, $0) }, uniquingKeysWith: { $1 })
                )
            }
            // One of them has become part of another meanwhile. The locks go too, so that none is taken out of order.
            try connection.executeScript("ROLLBACK TO SAVEPOINT purchases")
        }
    }

    /// The purchase that each object belongs to.
    func roots(of objects: [String]) throws -> [String: String] {
        let rows = try connection.execute(
            """
            WITH RECURSIVE path AS (
                SELECT id AS object, id, merged_into FROM tollgate.purchase WHERE id = ANY ($1)
                UNION ALL
                SELECT path.object, p.id, p.merged_into
                FROM path JOIN tollgate.purchase p ON p.id = path.merged_into
            )
            SELECT object, id FROM path WHERE merged_into IS NULL
            """,
            .array(objects)
        )
        return try Dictionary(rows.map { try $0.decode(String.self, String.self) }, uniquingKeysWith: { $1 })
    }

    /// - Returns: nil where one is no longer a purchase of its own.
    private func lockRoots(_ ids: [String]) throws -> [Purchase]? {
        let rows = try connection.execute(
            """
            SELECT id, merged_into, facts::text, customer_id, given, entries
            FROM tollgate.purchase
            WHERE id = ANY ($1)
            ORDER BY id
            FOR UPDATE
            """,
            .array(ids)
        )
        var purchases: [Purchase] = []
        for row in rows {
            let (id, mergedInto, facts, customer, given, entries) = try row.decode(
                String.self, String?.self, String.self, String?.self, Int64.self, Int64.self
            )
            guard mergedInto == nil else { return nil }
            purchases.append(
                Purchase(
                    id: id,
                    facts: try StoredPurchase.decode(facts),
                    given: customer.map { [$0: given] } ?? [:],
                    entries: entries
                )
            )
        }
        return purchases
    }

    /// Writes what differs from what was loaded.
    func save(_ books: Books) throws {
        let changed = books.purchases.values.filter { $0 != loaded[$0.id] }.sorted { $0.id < $1.id }
        let merged = books.merged.sorted { $0.key < $1.key }
        guard !changed.isEmpty || !merged.isEmpty else { return }
        try connection.execute(
            """
            UPDATE tollgate.purchase p
            SET merged_into = n.merged_into, facts = n.facts::jsonb, customer_id = n.customer_id, credits = n.credits,
                given = n.given, entries = n.entries
            FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[])
                AS n (id, merged_into, facts, customer_id, credits, given, entries)
            WHERE p.id = n.id
            """,
            .array(changed.map(\.id) + merged.map(\.key)),
            .array(changed.map { _ in nil } + merged.map(\.value)),
            .array(changed.map { StoredPurchase.encode($0.facts) } + merged.map { _ in "{}" }),
            .array(changed.map(\.facts.customer) + merged.map { _ in nil }),
            .array(changed.map(\.facts.credits) + merged.map { _ in nil }),
            .array(changed.map { $0.given.values.first ?? 0 } + merged.map { _ in 0 }),
            .array(changed.map(\.entries) + merged.map { _ in 0 })
        )
    }
}
