// SPDX-License-Identifier: Apache-2.0

import Notation
import Postgres

/// Reads the answers of many customers, and what has changed since a position of the feed. Each read is one transaction
/// that sees one moment.
package struct ChangeReader: Sendable {
    let database: Database

    /// Committed changes that older transactions still hide.
    private static let hidden: SQL = """
        feed_xid >= pg_snapshot_xmin(pg_current_snapshot()) AND feed_xid < pg_snapshot_xmax(pg_current_snapshot())
        """

    package func moment() async throws -> FeedMoment {
        try await database.statements { try FeedMoment($0.execute(FeedMoment.query).only) }
    }

    /// The changes behind a position, as many as `limit` at the most. Every transaction before them has ended, so that none
    /// can appear among them later.
    package func changes(after position: FeedPosition, atMost limit: Int) async throws -> FeedReading {
        try await database.transaction(mode: .snapshot) { try Self.changes(after: position, atMost: limit, $0) }
    }

    /// - Parameter connection: at the beginning of a transaction that sees one moment, which this ends.
    static func changes(
        after position: FeedPosition,
        atMost limit: Int,
        _ connection: Connection
    ) throws -> FeedReading {
        let (moment, changes, hidden) = try connection.commit { pipeline in
            (
                pipeline.execute(FeedMoment.query), pipeline.execute(query(position, limit)),
                pipeline.execute("SELECT EXISTS (SELECT FROM tollgate.account WHERE \(Self.hidden)) AS hides_some")
            )
        }
        return try reading(
            FeedMoment(moment.rows.only), changes.rows, after: position, limit, hidden.rows.only["hides_some"])
    }

    private static func query(_ position: FeedPosition, _ limit: Int) -> SQL {
        """
        SELECT \(AccessAnswer.columns), f.feed_xid::text AS xid, greatest(f.feed_at, v.changed_at) AS at
        FROM (SELECT customer_id, feed_xid, feed_at
              FROM tollgate.account
              WHERE (feed_xid, customer_id) > (\(String(position.xid))::xid8, \(position.customer))
                AND feed_xid < pg_snapshot_xmin(pg_current_snapshot())
              ORDER BY feed_xid, customer_id
              LIMIT \(limit + 1)) f
        JOIN tollgate.api_access v USING (customer_id)
        ORDER BY f.feed_xid, f.customer_id
        """
    }

    private static func reading(
        _ moment: FeedMoment, _ rows: Rows, after start: FeedPosition, _ limit: Int, _ hidesSome: Bool
    ) throws -> FeedReading {
        var changes: [FeedChange] = []
        var unreadable: [(customer: String, error: any Error)] = []
        var end = start
        for row in rows.prefix(limit) {
            let position = FeedPosition(xid: try FeedMoment.xid(row["xid"]), customer: try row["customer_id"])
            end = position
            do {
                changes.append(FeedChange(answer: try AccessAnswer(row), position: position, at: try row["at"]))
            } catch {
                unreadable.append((position.customer, error))
            }
        }
        return FeedReading(
            changes: changes, end: end, hasMore: rows.count > limit, moment: moment, hidesSome: hidesSome,
            unreadable: unreadable)
    }

    /// The known ones of these customers, by id, and the moment at which that was so.
    package func answers(of customers: [String]) async throws -> (answers: [String: AccessAnswer], moment: FeedMoment) {
        try await database.transaction(mode: .snapshot) { connection in
            let (moment, answers) = try connection.commit { pipeline in
                (
                    pipeline.execute(FeedMoment.query),
                    pipeline.execute(AccessReader.query(Array(Set(customers)).sorted()))
                )
            }
            return (try AccessReader.answers(answers.rows), try FeedMoment(moment.rows.only))
        }
    }

    /// A page of all customers, by id, and the moment at which that was so.
    package func page(
        after customer: String?,
        atMost limit: Int
    ) async throws -> (answers: [AccessAnswer], hasMore: Bool, moment: FeedMoment) {
        try await database.transaction(mode: .snapshot) { connection in
            let (moment, answers) = try connection.commit { pipeline in
                (
                    pipeline.execute(FeedMoment.query),
                    pipeline.execute(
                        """
                        SELECT \(AccessAnswer.columns)
                        FROM tollgate.api_access v
                        WHERE v.customer_id > \(customer ?? "")
                        ORDER BY v.customer_id
                        LIMIT \(limit + 1)
                        """)
                )
            }
            let found = try answers.rows.map { try AccessAnswer($0) }
            return (Array(found.prefix(limit)), found.count > limit, try FeedMoment(moment.rows.only))
        }
    }

    /// How long the oldest committed change has been waiting for older transactions to end; zero if none is.
    package static func lag(_ connection: Connection) throws -> Duration {
        let milliseconds: Int64 = try connection.execute(
            """
            SELECT coalesce(max(extract(epoch FROM clock_timestamp() - feed_at) * 1000), 0)::bigint AS lag
            FROM tollgate.account
            WHERE feed_at > '-infinity' AND \(hidden)
            """
        ).only["lag"]
        return .milliseconds(max(0, milliseconds))
    }
}
