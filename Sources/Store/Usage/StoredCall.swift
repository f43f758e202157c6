// SPDX-License-Identifier: Apache-2.0

import Metering
import Notation
import Postgres

/// A charged call as it is read to be priced again.
struct StoredCall: Sendable {
    let customer: String
    let key: String?
    let call: ChargedCall

    var record: String { call.record }

    /// - Returns: in the order of ids.
    static func page(
        of providers: [String], since: Timestamp, after id: String, atMost limit: Int, _ connection: Connection
    ) throws -> [StoredCall] {
        try connection.execute(
            """
            SELECT u.id, u.customer_id, u.key_id, u.provider, u.dialect, u.model, u.at, u.status, u.is_batch, u.usage,
                   u.cost + coalesce((SELECT sum(c.cost) FROM tollgate.usage_record c WHERE c.corrects = u.id), 0) AS cost,
                   jsonb_array_length(u.lines) > 0 AS is_priced, p.id AS plan_id, p.name, p.content
            FROM (
                SELECT * FROM tollgate.usage_record
                WHERE id > \(id) AND provider = ANY (\(providers)) AND at >= \(since) AND corrects IS NULL
                ORDER BY id
                LIMIT \(limit)
            ) u
            JOIN tollgate.plan p ON p.id = u.plan_id
            ORDER BY u.id
            """
        ).map(StoredCall.init)
    }

    private init(_ row: Rows.Row) throws {
        customer = try row["customer_id"]
        key = try row["key_id"]
        call = ChargedCall(
            record: try row["id"],
            call: UsageRecord(
                provider: try row["provider"], dialect: try row.word("dialect"), model: try row["model"],
                usage: try row["usage"], isBatch: try row["is_batch"], status: try row.word("status")),
            at: try row["at"], cost: try row["cost"],
            plan: PlanBook.Version(
                id: try row["plan_id"], name: try row["name"], plan: try Plan(try row["content"])),
            isPriced: try row["is_priced"])
    }
}
