// SPDX-License-Identifier: Apache-2.0

import Notation
import Postgres

/// What is stored about events, for operators to read.
package struct EventStore: Sendable {
    let database: Database

    /// Newest first, by time of receipt.
    /// - Returns: nil if `startingAfter` is not a known event.
    package func list(_ filter: EventFilter, limit: Int) async throws -> (page: [EventRecord], hasMore: Bool)? {
        try await database.transaction { connection in
            let start = filter.startingAfter
            let (found, page) = try connection.pipeline { pipeline in
                pipeline.beginSearch(within: .seconds(30))
                return (
                    pipeline.execute("SELECT 1 FROM tollgate.event WHERE id = \(start)"),
                    pipeline.execute(
                        """
                        SELECT \(EventRecord.columns)
                        FROM tollgate.event e
                        JOIN tollgate.event_work w ON w.event_id = e.id
                        WHERE \(filter.conditions)
                          AND (\(start) IS NULL OR (e.received_at, e.id) <
                                  (SELECT s.received_at, s.id FROM tollgate.event s WHERE s.id = \(start)))
                        ORDER BY e.received_at DESC, e.id DESC
                        LIMIT \(limit + 1)
                        """)
                )
            }
            if start != nil, try found.rows.count == 0 { return nil }
            let records = try page.rows.map(EventRecord.init)
            return (Array(records.prefix(limit)), records.count > limit)
        }
    }

    /// - Returns: nil for an unknown id.
    package func find(_ id: String) async throws -> EventStatement? {
        try await database.transaction { connection in
            let (record, payload, attempts, changes, ledger) = try connection.pipeline { pipeline in
                (
                    pipeline.execute(
                        """
                        SELECT \(EventRecord.columns)
                        FROM tollgate.event e
                        JOIN tollgate.event_work w ON w.event_id = e.id
                        WHERE e.id = \(id)
                        """),
                    pipeline.execute("SELECT payload FROM tollgate.event WHERE id = \(id)"),
                    pipeline.execute(
                        """
                        SELECT \(EventStatement.Attempt.columns)
                        FROM tollgate.event_attempt
                        WHERE event_id = \(id)
                        ORDER BY number
                        """),
                    pipeline.execute(
                        """
                        SELECT \(TimelineEntry.columns)
                        FROM tollgate.access_change
                        WHERE event_id = \(id)
                        ORDER BY customer_id, version
                        """),
                    pipeline.execute(
                        """
                        SELECT \(LedgerEntry.columns)
                        FROM tollgate.credit_entry
                        WHERE event_id = \(id)
                        ORDER BY customer_id, number
                        """)
                )
            }
            guard let record = try record.rows.first.map(EventRecord.init), let bytes = try payload.rows.first else {
                return nil
            }
            return EventStatement(
                record: record,
                payload: try bytes["payload"],
                attempts: try attempts.rows.map(EventStatement.Attempt.init),
                changes: try changes.rows.map(TimelineEntry.init),
                ledger: try ledger.rows.map(LedgerEntry.init)
            )
        }
    }

    /// The outcomes of events that name a customer, about whom nothing else may be known; of at most a hundred.
    package func outcomes(naming customer: String) async throws -> [EventOutcomeCount] {
        try await database.transaction { connection in
            try connection.execute(
                """
                SELECT w.status, w.detail, count(*) AS count
                FROM (SELECT id FROM tollgate.event WHERE customer_id = \(customer) LIMIT 100) e
                JOIN tollgate.event_work w ON w.event_id = e.id
                GROUP BY w.status, w.detail
                ORDER BY count(*) DESC, w.status, w.detail
                """
            ).map(EventOutcomeCount.init)
        }
    }
}
