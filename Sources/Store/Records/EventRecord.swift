// SPDX-License-Identifier: Apache-2.0

import Notation
import Postgres

/// One event as operators see it.
package struct EventRecord: Sendable {
    package let id: String
    package let type: String?
    package let status: EventState
    package let created: Timestamp?
    package let receivedAt: Timestamp
    package let customer: String?
    package let livemode: Bool?
    package let account: String?
    package let apiVersion: String?
    /// The name of the secret that signed it; nil if unknown.
    package let secret: String?
    /// How it came, as `EventSource` or a newer version says it.
    package let source: String
    package let attempts: Int
    package let detail: String?
    package let error: String?

    /// From the tables `event` as `e` and `event_work` as `w`.
    static let columns: SQL = """
        e.id, e.type, w.status, e.created, e.received_at, e.customer_id, e.livemode, e.account, e.api_version, e.secret,
        e.source, w.attempts, w.detail, w.error
        """

    init(_ row: Rows.Row) throws {
        id = try row["id"]
        type = try row["type"]
        status = try row.word("status")
        created = try row["created"]
        receivedAt = try row["received_at"]
        customer = try row["customer_id"]
        livemode = try row["livemode"]
        account = try row["account"]
        apiVersion = try row["api_version"]
        secret = try row["secret"]
        source = try row["source"]
        attempts = try row["attempts"]
        detail = try row["detail"]
        error = try row["error"]
    }
}
