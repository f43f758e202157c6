import Notation
import Postgres

extension Store {
    /// How much is counted without being told from when on.
    private static let defaultWindow: Duration = .seconds(86_400)
    /// Types are the senders' choice.
    private static let groupLimit = 1_000

    /// Counts by type and end what was received within a time: the last 24 hours where the filter does not say.
    /// - Parameters:
    ///   - filter: its status and `startingAfter` are not looked at.
    ///   - limit: how many events are counted at the most, the newest first.
    package func countEvents(_ filter: EventFilter, atMost limit: Int = 1_000_000) async throws -> EventStatistics {
        try await reads.transaction { connection in
            try connection.executeScript("SET LOCAL plan_cache_mode = force_custom_plan")
            try connection.extendTimeout(to: .seconds(25))
            let clock = try connection.execute("SELECT now()").first?.decode(Timestamp.self)
            let before = filter.receivedBefore ?? clock.map { $0 + .microseconds(1) } ?? Timestamp.range.upperBound
            let after = filter.receivedAfter ?? before - Self.defaultWindow
            let rows = try connection.execute(
                """
                WITH newest AS (
                    SELECT e.id, e.type, e.secret, e.received_at
                    FROM tollgate.event e
                    WHERE e.received_at > $1 AND e.received_at < $2
                      AND ($3::text IS NULL OR e.type = $3)
                      AND ($4::text IS NULL OR e.customer_id = $4)
                      AND ($5::timestamptz IS NULL OR e.created > $5)
                      AND ($6::timestamptz IS NULL OR e.created < $6)
                      AND ($7::text IS NULL OR e.secret = $7)
                    ORDER BY e.received_at DESC, e.id DESC
                    LIMIT $8
                )
                SELECT grouping(w.status)::bigint, grouping(n.secret)::bigint, n.type, w.status, w.detail, n.secret,
                       count(*), min(n.received_at), max(n.received_at)
                FROM newest n
                JOIN tollgate.event_work w ON w.event_id = n.id
                GROUP BY GROUPING SETS ((n.type, w.status, w.detail), (n.secret))
                ORDER BY count(*) DESC, n.type, w.status, w.detail, n.secret
                """,
                .value(after),
                .value(before),
                .value(filter.type),
                .value(filter.customer),
                .value(filter.createdAfter),
                .value(filter.createdBefore),
                .value(filter.secret),
                .value(limit)
            )
            var groups: [EventStatistics.Group] = []
            var secrets: [EventStatistics.Signed] = []
            var oldest = before
            for row in rows {
                let (isOfSecret, isOfType, type, status, detail, secret, count, first, last) = try row.decode(
                    Int.self, Int.self, String?.self, String?.self, String?.self, String?.self, Int.self,
                    Timestamp.self, Timestamp.self)
                oldest = min(oldest, first)
                if isOfSecret == 1 {
                    secrets.append(EventStatistics.Signed(secret: secret, count: count, lastReceivedAt: last))
                } else if isOfType == 1, let status {
                    groups.append(
                        EventStatistics.Group(
                            type: type, status: try known(status), detail: detail, count: count, lastReceivedAt: last))
                }
            }
            let count = secrets.reduce(0) { $0 + $1.count }
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
}
