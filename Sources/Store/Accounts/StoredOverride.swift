// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import Postgres

/// How an operator's override is stored in `account`: all of its columns are set, or none.
enum StoredOverride {
    static let columns: SQL = "override_allowed, override_reason, override_until, override_operator, override_set_at"

    /// - Returns: nil if there is none.
    static func decode(_ row: Rows.Row) throws -> Override? {
        guard let allowed: Bool = try row["override_allowed"] else { return nil }
        return Override(
            allowed: allowed,
            reason: try row["override_reason"],
            until: try row["override_until"],
            operator: try row["override_operator"],
            setAt: try row["override_set_at"]
        )
    }
}
