// SPDX-License-Identifier: Apache-2.0

import Postgres

/// Somebody else holds rows that a batch of events needs, for longer than it waits.
struct LockedOut: Error {
    enum Table {
        case purchases, accounts
    }

    let table: Table
    /// What each event needs from it, by the event's id: objects of purchases, or customers.
    let needs: [String: Set<String>]
    let cause: PostgresError

    init(_ table: Table, _ needs: [(event: String, Set<String>)], _ cause: PostgresError) {
        self.table = table
        self.needs = Dictionary(needs, uniquingKeysWith: { $0.union($1) })
        self.cause = cause
    }

    /// The events that cannot be handled as long as this lasts. None if the rows have been released in the meantime,
    /// and none if it waits for a row that nobody can see yet.
    func events(_ connection: Connection) throws -> Set<String> {
        let wanted = Array(needs.values.reduce(into: Set<String>()) { $0.formUnion($1) })
        let held: Set<String>
        switch table {
        case .accounts:
            held = try Self.held(
                "SELECT customer_id AS id FROM tollgate.account WHERE customer_id = ANY (\(wanted))", connection)
        case .purchases:
            let purchaseOf = try PurchaseRows(connection).roots(of: wanted)
            let purchases = Array(Set(purchaseOf.values))
            let locked = try Self.held(
                "SELECT id FROM tollgate.purchase WHERE id = ANY (\(purchases))", connection)
            held = Set(purchaseOf.filter { locked.contains($0.value) }.keys)
        }
        return Set(needs.filter { !$0.value.isDisjoint(with: held) }.keys)
    }

    /// Those of the given rows that cannot be locked right now.
    private static func held(_ rows: SQL, _ connection: Connection) throws -> Set<String> {
        let (all, free) = try connection.pipeline { pipeline in
            (pipeline.execute(rows), pipeline.execute("\(rows) FOR UPDATE SKIP LOCKED"))
        }
        return Set(try all.rows.map { try $0["id"] }).subtracting(try free.rows.map { try $0["id"] as String })
    }
}
