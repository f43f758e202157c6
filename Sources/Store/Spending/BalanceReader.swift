// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import Postgres

/// What customers have to spend, and what is held: right at the moment of the query.
package struct BalanceReader: Sendable {
    let database: Database

    /// - Returns: nil for a customer that nothing has named.
    /// - Throws: `StoreError` or `PostgresError`.
    package func balance(of customer: String) async throws -> BalanceRecord? { nil }

    /// - Returns: nil for a hold that was never made.
    package func hold(_ id: String, of customer: String) async throws -> HoldRecord? { nil }

    /// - Parameters:
    ///   - status: nil for all.
    ///   - cursor: the id of the last hold of the page before.
    /// - Returns: the newest first, one more than `limit` if there are more; nil for a customer that nothing has named, or
    ///   if there is no hold of the cursor's id.
    package func holds(
        of customer: String, status: Hold.Status?, limit: Int, after cursor: String?
    ) async throws -> [HoldRecord]? { nil }
}
