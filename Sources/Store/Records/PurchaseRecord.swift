// SPDX-License-Identifier: Apache-2.0

import Billing
import Postgres

/// One purchase as operators see it.
package struct PurchaseRecord: Sendable {
    package let id: String
    package let facts: PurchaseFacts
    /// The credits that the ledger holds for it, of those that it sells.
    package let credited: Int64

    /// From the table `purchase` as `p`.
    static let columns: SQL = "p.id, p.facts, least(p.given, coalesce(p.credits, 0)) AS given"

    init(_ row: Rows.Row) throws {
        id = try row["id"]
        facts = try StoredPurchase.decode(row["facts"])
        credited = try row["given"]
    }
}
