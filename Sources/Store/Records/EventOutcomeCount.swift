// SPDX-License-Identifier: Apache-2.0

import Postgres

/// Events of one kind that name a customer.
package struct EventOutcomeCount: Sendable {
    package let status: EventState
    package let detail: String?
    package let count: Int

    init(_ row: Rows.Row) throws {
        status = try row.word("status")
        detail = try row["detail"]
        count = try row["count"]
    }
}
