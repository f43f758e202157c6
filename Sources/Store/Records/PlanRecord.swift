// SPDX-License-Identifier: Apache-2.0

import Metering
import Notation
import Postgres

/// A plan as operators see it.
package struct PlanRecord: Sendable {
    package let version: PlanBook.Version
    package let `operator`: String
    /// When it was set: it holds for what is priced from then on.
    package let knownAt: Timestamp

    static let columns: SQL = "id, name, content, operator, known_at"

    init(_ row: Rows.Row) throws {
        version = PlanBook.Version(id: try row["id"], name: try row["name"], plan: try Plan(try row["content"]))
        `operator` = try row["operator"]
        knownAt = try row["known_at"]
    }
}
