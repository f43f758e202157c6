// SPDX-License-Identifier: Apache-2.0

import Notation
import Postgres

/// Proposed rates as operators see them in a list.
package struct RateDraftRecord: Sendable, Hashable {
    package let id: String
    /// How many rates it has.
    package let count: Int
    /// Who proposed them; `tollgate` for those that ship with the program.
    package let `operator`: String
    package let createdAt: Timestamp
    /// Nil as long as nobody has.
    package let approvedBy: String?
    package let approvedAt: Timestamp?

    /// From the table `rate_draft` as `d`.
    static let columns: SQL = """
        d.id, jsonb_array_length(d.content -> 'rates')::bigint AS count, d.operator, d.created_at, d.approved_by,
        d.approved_at
        """

    init(_ row: Rows.Row) throws {
        id = try row["id"]
        count = try row["count"]
        `operator` = try row["operator"]
        createdAt = try row["created_at"]
        approvedBy = try row["approved_by"]
        approvedAt = try row["approved_at"]
    }
}
