// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import Postgres

extension CustomerStore {
    /// Customers by what the view `api_access` says about them now, in the order of their ids.
    package func list(_ filter: CustomerFilter, limit: Int) async throws -> (page: [AccessAnswer], hasMore: Bool) {
        try await database.transaction { connection in
            let page = try connection.pipeline { pipeline in
                pipeline.beginSearch(within: .seconds(25))
                return pipeline.execute(Self.page(filter, limit + 1))
            }
            let answers = try page.rows.map { try AccessAnswer($0) }
            return (Array(answers.prefix(limit)), answers.count > limit)
        }
    }

    private static func page(_ filter: CustomerFilter, _ limit: Int) -> SQL {
        let candidates = filter.changedAfter.map { changed(since: $0) } ?? inOrder(filter, limit)
        return """
            SELECT \(AccessAnswer.columns)
            FROM (\(candidates)) candidate
            JOIN tollgate.api_access v USING (customer_id)
            WHERE v.reason = ANY (\(filter.reasons))
              AND (\(filter.changedAfter) IS NULL OR v.changed_at > \(filter.changedAfter))
              AND v.customer_id > coalesce(\(filter.startingAfter), '')
            ORDER BY v.customer_id
            LIMIT \(limit)
            """
    }

    /// The next ones of each reason, by its index, plus the few whose stored answer has ended and was not moved yet.
    private static func inOrder(_ filter: CustomerFilter, _ limit: Int) -> SQL {
        """
        SELECT next.customer_id
        FROM unnest(\(filter.reasons)) AS r (reason)
        CROSS JOIN LATERAL (
            SELECT a.customer_id
            FROM tollgate.account a
            WHERE a.reason = r.reason AND a.customer_id > coalesce(\(filter.startingAfter), '')
              AND (a.until IS NULL OR a.until > statement_timestamp())
            ORDER BY a.customer_id
            LIMIT \(limit)
        ) next
        UNION ALL
        SELECT a.customer_id
        FROM tollgate.account a
        WHERE a.until <= statement_timestamp() AND a.customer_id > coalesce(\(filter.startingAfter), '')
        """
    }

    private static func changed(since time: Timestamp) -> SQL {
        """
        SELECT customer_id FROM tollgate.access_change WHERE at > \(time)
        UNION
        SELECT customer_id FROM tollgate.account WHERE until <= statement_timestamp()
        """
    }
}
