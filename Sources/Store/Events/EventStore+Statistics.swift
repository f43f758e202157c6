// SPDX-License-Identifier: Apache-2.0

import Notation
import Postgres

extension EventStore {
    /// How far back to count by default.
    private static let defaultWindow: Duration = .seconds(86_400)
    /// Senders choose the types.
    private static let groupLimit = 1_000

    /// Counts what was received within a time, by type and result: where the filter names no time, the last 24 hours.
    /// - Parameters:
    ///   - filter: its status and `startingAfter` are ignored.
    ///   - limit: how many events are counted at most, newest first.
    package func count(_ filter: EventFilter, atMost limit: Int = 1_000_000) async throws -> EventStatistics {
        try await database.transaction { connection in
            let clock = try connection.pipeline { pipeline in
                pipeline.beginSearch(within: .seconds(25))
                return pipeline.execute("SELECT now() AS now")
            }
            let now: Timestamp = try clock.rows.only["now"]
            let before = filter.receivedBefore ?? now + .microseconds(1)
            let after = Self.start(of: filter, before: before)
            var window = filter
            (window.receivedAfter, window.receivedBefore) = (after, before)
            let rows = try connection.execute(
                """
                WITH newest AS (
                    SELECT e.id, e.type, e.secret, e.source = ANY (\(EventSource.signed.map(\.rawValue))) AS is_signed, e.received_at
                    FROM tollgate.event e
                    WHERE \(window.eventConditions)
                    ORDER BY e.received_at DESC, e.id DESC
                    LIMIT \(limit)
                )
                SELECT grouping(n.secret) = 0 AS is_of_secret, n.type, w.status, w.detail, n.secret, n.is_signed,
                       count(*) AS count, min(n.received_at) AS first_received_at,
                       max(n.received_at) AS last_received_at
                FROM newest n
                JOIN tollgate.event_work w ON w.event_id = n.id
                GROUP BY GROUPING SETS ((n.type, w.status, w.detail), (n.secret, n.is_signed))
                ORDER BY count(*) DESC, n.type, w.status, w.detail, n.secret
                """)
            var groups: [EventStatistics.Group] = []
            var secrets: [EventStatistics.Signed] = []
            var oldest = before
            for row in rows {
                oldest = min(oldest, try row["first_received_at"])
                if try row["is_of_secret"] {
                    // What Stripe was asked for has no signature.
                    if try row["is_signed"] { secrets.append(try EventStatistics.Signed(row)) }
                } else {
                    groups.append(try EventStatistics.Group(row))
                }
            }
            let count = groups.reduce(0) { $0 + $1.count }
            let isTruncated = count >= limit
            return EventStatistics(
                receivedAfter: isTruncated ? oldest - .microseconds(1) : after,
                receivedBefore: before,
                count: count,
                isTruncated: isTruncated || groups.count > Self.groupLimit,
                groups: Array(groups.prefix(Self.groupLimit)),
                secrets: secrets
            )
        }
    }

    /// From when on what was received may have been created when the filter says.
    private static func start(of filter: EventFilter, before: Timestamp) -> Timestamp {
        if let after = filter.receivedAfter { return after }
        let epoch = Timestamp(microseconds: 0)
        // Received before it was created is what a clock or a test makes: a day of that is allowed for.
        if let created = filter.createdAfter { return max(min(created, before) - defaultWindow, epoch) }
        return filter.createdBefore == nil ? before - defaultWindow : epoch
    }
}
