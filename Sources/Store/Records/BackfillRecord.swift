// SPDX-License-Identifier: Apache-2.0

import Notation
import Postgres

/// A backfill as operators see it.
package struct BackfillRecord: Sendable {
    /// What it was listed of one type.
    package struct TypeCount: Sendable, Hashable {
        /// Empty for what is not an event.
        package let type: String
        package let listed: Int
        /// How many of those were not in the inbox.
        package let missing: Int
    }

    package let id: String
    package let status: BackfillStatus
    /// By Stripe's `created`, both inclusive.
    package let since: Timestamp
    package let until: Timestamp
    /// Whether it only counts.
    package let isDryRun: Bool
    /// Who requested it.
    package let `operator`: String
    package let listed: Int
    /// How many were not in the inbox, and are now.
    package let stored: Int
    package let known: Int
    package let error: String?
    package let createdAt: Timestamp
    package let finishedAt: Timestamp?
    package let types: [TypeCount]

    /// From the table `backfill` as `b`.
    static let columns: SQL = """
        b.id, b.status, b.since, b.until, b.is_dry_run, b.operator, b.listed, b.stored, b.known, b.error, b.created_at,
        b.finished_at,
        (SELECT coalesce(json_agg(json_build_array(t.type, t.listed, t.missing) ORDER BY t.type), '[]')::text
         FROM tollgate.backfill_type t
         WHERE t.backfill_id = b.id) AS types
        """

    init(_ row: Rows.Row) throws {
        id = try row["id"]
        status = try row.word("status")
        since = try row["since"]
        until = try row["until"]
        isDryRun = try row["is_dry_run"]
        `operator` = try row["operator"]
        listed = try row["listed"]
        stored = try row["stored"]
        known = try row["known"]
        error = try row["error"]
        createdAt = try row["created_at"]
        finishedAt = try row["finished_at"]
        let types: String = try row["types"]
        self.types = (try JSON(bytes: types.utf8).array ?? []).map { count in
            TypeCount(
                type: count[0]?.string ?? "", listed: count[1]?.integer.map(Int.init) ?? 0,
                missing: count[2]?.integer.map(Int.init) ?? 0)
        }
    }
}
