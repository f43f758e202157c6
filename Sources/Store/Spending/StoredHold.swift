// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import Postgres

/// How a hold is stored in its table.
struct StoredHold: Sendable {
    let customer: String
    let hold: Hold

    static let columns: SQL = "h.metadata, \(otherColumns)"
    /// For who needs no metadata, which may be large.
    static let columnsWithoutMetadata: SQL = "'{}'::jsonb AS metadata, \(otherColumns)"

    private static let otherColumns: SQL = """
        h.customer_id, h.id, h.status, h.amount, h.minimum, h.ttl, h.on_expiry, h.granted, h.parts, h.available,
        h.created_at, h.expires_at, h.ended_at, h.debited, h.is_late, h.is_by_expiry, h.settled_credits,
        h.settled_available, h.lapsed, h.estimate
        """

    init(of customer: String, _ hold: Hold) {
        self.customer = customer
        self.hold = hold
    }

    init(_ row: Rows.Row) throws {
        customer = try row["customer_id"]
        let granted: Int64 = try row["granted"]
        let ttl: Int64 = try row["ttl"]
        var settlement: Hold.Settlement?
        if let debited: Int64 = try row["debited"] {
            settlement = Hold.Settlement(
                debited: debited, released: max(0, granted - debited), isLate: try row["is_late"],
                isByExpiry: try row["is_by_expiry"], credits: try row["settled_credits"],
                available: try row["settled_available"])
        }
        hold = Hold(
            id: try row["id"],
            terms: Hold.Terms(
                amount: try row["amount"], minimum: try row["minimum"], ttl: .seconds(ttl),
                onExpiry: try row.word("on_expiry"), metadata: try StoredMetadata.decode(row["metadata"]),
                estimate: try row["estimate"]),
            granted: granted,
            parts: try StoredLot.decodeParts(row["parts"]),
            available: try row["available"],
            createdAt: try row["created_at"],
            expiresAt: try row["expires_at"],
            status: try row.word("status"),
            endedAt: try row["ended_at"],
            settlement: settlement,
            lapsed: try StoredLot.decodeAmounts(row["lapsed"])
        )
    }

    /// Of a new one.
    static let rows = Unnest<StoredHold> {
        Column("customer_id", \.customer)
        Column("id", \.hold.id)
        Column("status", \.hold.status.rawValue)
        Column("amount", \.hold.terms.amount)
        Column("minimum", \.hold.terms.minimum)
        Column("ttl", \.hold.terms.ttl.components.seconds)
        Column("on_expiry", \.hold.terms.onExpiry.rawValue)
        Column("metadata") { StoredMetadata.encode($0.hold.terms.metadata) }
        Column("estimate", \.hold.terms.estimate)
        Column("granted", \.hold.granted)
        Column("parts") { StoredLot.encode($0.hold.parts) }
        Column("available", \.hold.available)
        Column("created_at", \.hold.createdAt)
        Column("expires_at", \.hold.expiresAt)
        Column("ended_at", \.hold.endedAt)
        Column("debited", \.hold.settlement?.debited)
        Column("is_late", \.hold.settlement?.isLate)
        Column("is_by_expiry", \.hold.settlement?.isByExpiry)
        Column("settled_credits", \.hold.settlement?.credits)
        Column("settled_available", \.hold.settlement?.available)
    }

    /// Of what changes of one later.
    static let changes = Unnest<StoredHold> {
        Column.key("customer_id", \.customer)
        Column.key("id", \.hold.id)
        Column("status", \.hold.status.rawValue)
        Column("expires_at", \.hold.expiresAt)
        Column("ended_at", \.hold.endedAt)
        Column("debited", \.hold.settlement?.debited)
        Column("is_late", \.hold.settlement?.isLate)
        Column("is_by_expiry", \.hold.settlement?.isByExpiry)
        Column("settled_credits", \.hold.settlement?.credits)
        Column("settled_available", \.hold.settlement?.available)
        Column("lapsed") { StoredLot.encode($0.hold.lapsed) }
    }
}
