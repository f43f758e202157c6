// SPDX-License-Identifier: Apache-2.0

import Billing
import Metering
import Notation
import Postgres

/// Calls that are priced again because rates were approved for a time that had passed.
package struct CorrectionStore: Sendable {
    /// What a step did.
    package struct Step: Sendable, Hashable {
        package let draft: String
        package let examined: Int
        package let corrected: Int
        /// Whether no call is left for this draft.
        package let isLast: Bool
    }

    let database: Database
    let tariffs: TariffReader
    let changes: Announcements

    /// Looks at some more calls, and posts the differences, in one transaction.
    /// - Parameter limit: how many calls.
    /// - Returns: nil if nothing is to be corrected, or another process does it.
    package func advance(atMost limit: Int, policies: UsageStore.Policies) async throws -> Step? {
        try await database.transaction { [tariffs, changes] connection in
            let rows = try connection.execute(
                """
                SELECT draft_id, since, after_id, providers
                FROM tollgate.rate_correction
                WHERE finished_at IS NULL
                ORDER BY created_at, draft_id
                LIMIT 1
                FOR UPDATE SKIP LOCKED
                """)
            guard let row = rows.first else { return nil }
            let draft: String = try row["draft_id"]
            let providers: JSON = try row["providers"]
            let found = try StoredCall.page(
                of: (providers.array ?? []).compactMap(\.string), since: row["since"], after: row["after_id"],
                atMost: limit, connection)
            var corrections = try CorrectionRows(found, draft: draft, policies, changes, connection)
            try corrections.correct(by: tariffs.tariff(connection))
            let (corrected, failed) = (corrections.corrected, corrections.failed)
            let isLast = found.count < limit
            try corrections.save { pipeline in
                pipeline.execute(
                    """
                    UPDATE tollgate.rate_correction
                    SET after_id = coalesce(\(found.last?.record), after_id), examined = examined + \(found.count),
                        corrected = corrected + \(corrected), failed = failed + \(failed),
                        finished_at = CASE WHEN \(isLast) THEN clock_timestamp() END
                    WHERE draft_id = \(draft)
                    """)
            }
            return Step(draft: draft, examined: found.count, corrected: corrected, isLast: isLast)
        }
    }
}
