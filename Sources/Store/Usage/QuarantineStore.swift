// SPDX-License-Identifier: Apache-2.0

import Notation
import Postgres

/// Reports of calls that could not be charged when they came.
package struct QuarantineStore: Sendable {
    let database: Database

    package enum DiscardResult: Sendable {
        case discarded(QuarantineRecord)
        case unknown
        /// It was charged since, or somebody has discarded it.
        case over(QuarantineRecord)
    }

    /// - Parameters:
    ///   - status: nil for all.
    ///   - customer: nil for all.
    ///   - cursor: the id of the last one of the page before.
    /// - Returns: in the order of ids, one more than `limit` if there are more.
    package func list(
        status: QuarantineRecord.Status?, customer: String?, limit: Int, after cursor: String?
    ) async throws -> [QuarantineRecord] {
        let word = status?.rawValue
        return try await database.transaction { connection in
            let ofStatus: SQL =
                switch status {
                case nil: "true"
                // Few, and with an index of their own.
                case .quarantined?: "q.status = 'quarantined'"
                case .recorded?, .discarded?: "q.status = \(word)"
                }
            return try connection.execute(
                """
                SELECT \(QuarantineRecord.columns)
                FROM tollgate.usage_quarantine q
                WHERE \(ofStatus) AND (\(customer)::text IS NULL OR q.customer_id = \(customer))
                  AND q.id > coalesce(\(cursor), '')
                ORDER BY q.id
                LIMIT \(limit + 1)
                """
            ).map(QuarantineRecord.init)
        }
    }

    /// - Returns: nil for a report that never was quarantined.
    package func find(_ id: String) async throws -> QuarantineRecord? {
        try await database.transaction { try Self.find(id, $0) }
    }

    /// Decides that a report is never charged.
    package func discard(_ id: String, because note: String, operator caller: String) async throws -> DiscardResult {
        try await database.transaction { connection in
            let changed = try connection.execute(
                """
                UPDATE tollgate.usage_quarantine
                SET status = 'discarded', operator = \(caller), note = \(note)
                WHERE id = \(id) AND status = 'quarantined'
                RETURNING id
                """)
            guard let record = try Self.find(id, connection) else { return .unknown }
            return changed.count > 0 ? .discarded(record) : .over(record)
        }
    }

    private static func find(_ id: String, _ connection: Connection) throws -> QuarantineRecord? {
        try connection.execute(
            "SELECT \(QuarantineRecord.columns) FROM tollgate.usage_quarantine q WHERE q.id = \(id)"
        ).first.map(QuarantineRecord.init)
    }
}
