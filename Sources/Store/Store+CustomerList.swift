import Billing
import Notation
import Postgres

extension Store {
    /// Customers by what the view `api_access` says of them at this moment, in the order of their ids.
    package func customers(
        _ filter: CustomerFilter,
        limit: Int
    ) async throws -> (page: [AccessAnswer], hasMore: Bool) {
        try await reads.transaction { connection in
            try connection.executeScript("SET LOCAL plan_cache_mode = force_custom_plan")
            try connection.extendTimeout(to: .seconds(25))
            let rows =
                if let after = filter.changedAfter {
                    try Self.changed(after, filter, limit + 1, connection)
                } else {
                    try Self.inOrder(filter, limit + 1, connection)
                }
            let answers = try rows.map { row in
                let (customer, reason, until, credits, version, changedAt) = try row.decode(
                    String.self, String.self, Timestamp?.self, Int64.self, Int64.self, Timestamp.self)
                return AccessAnswer(
                    customer: customer, decision: Decision(try known(reason), until: until), credits: credits,
                    version: version, changedAt: changedAt, upcoming: [])
            }
            return (Array(answers.prefix(limit)), answers.count > limit)
        }
    }

    /// Customers by the reason of their stored answer, with those that have none.
    package func countCustomers() async throws -> [Reason: Int] {
        try await reads.transaction { connection in
            let rows = try connection.execute("SELECT reason, count(*) FROM tollgate.account GROUP BY reason")
            var counts = Dictionary(uniqueKeysWithValues: Reason.allCases.map { ($0, 0) })
            for row in rows {
                let (reason, count) = try row.decode(String.self, Int.self)
                counts[try known(reason)] = count
            }
            return counts
        }
    }

    /// The next ones of each reason by its index, and those whose stored answer has ended, which nobody has moved yet: few.
    private static func inOrder(_ filter: CustomerFilter, _ limit: Int, _ connection: Connection) throws -> Rows {
        try connection.execute(
            """
            SELECT v.customer_id, v.reason, v.until, v.credits, v.version, v.changed_at
            FROM (
                SELECT next.customer_id
                FROM unnest($1::text[]) AS r (reason)
                CROSS JOIN LATERAL (
                    SELECT a.customer_id
                    FROM tollgate.account a
                    WHERE a.reason = r.reason AND a.customer_id > coalesce($2::text, '')
                      AND (a.until IS NULL OR a.until > statement_timestamp())
                    ORDER BY a.customer_id
                    LIMIT $3
                ) next
                UNION ALL
                SELECT a.customer_id
                FROM tollgate.account a
                WHERE a.until <= statement_timestamp() AND a.customer_id > coalesce($2::text, '')
            ) candidate
            JOIN tollgate.api_access v USING (customer_id)
            WHERE v.reason = ANY ($1)
            ORDER BY v.customer_id
            LIMIT $3
            """,
            .array(filter.reasons), .value(filter.startingAfter), .value(limit))
    }

    private static func changed(
        _ after: Timestamp,
        _ filter: CustomerFilter,
        _ limit: Int,
        _ connection: Connection
    ) throws -> Rows {
        try connection.execute(
            """
            SELECT v.customer_id, v.reason, v.until, v.credits, v.version, v.changed_at
            FROM (
                SELECT customer_id FROM tollgate.access_change WHERE at > $1
                UNION
                SELECT customer_id FROM tollgate.account WHERE until <= statement_timestamp()
            ) candidate
            JOIN tollgate.api_access v USING (customer_id)
            WHERE v.changed_at > $1 AND v.reason = ANY ($2) AND v.customer_id > coalesce($3::text, '')
            ORDER BY v.customer_id
            LIMIT $4
            """,
            .value(after), .array(filter.reasons), .value(filter.startingAfter), .value(limit))
    }
}
