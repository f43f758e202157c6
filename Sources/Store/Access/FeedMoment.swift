// SPDX-License-Identifier: Apache-2.0

import Postgres

/// Where the feed of changes is at a moment, and whose feed it is.
package struct FeedMoment: Sendable, Hashable {
    /// Other for another database, for one that was restored from a dump, and for another timeline: there, transactions of
    /// the same id are others.
    package let identity: String
    /// After the last change that can be read: what was visible then lies before it, or comes once more. A transaction that
    /// has changed nothing is no position: a crash of the server gives its id to another one.
    package let position: FeedPosition
    /// No transaction from it on has ended.
    package let xmax: UInt64

    package init(identity: String, position: FeedPosition, xmax: UInt64) {
        self.identity = identity
        self.position = position
        self.xmax = xmax
    }

    /// A hash, because the number of a cluster is nobody's business. SHA-256, since MD5 may be forbidden on the server.
    static let query: SQL = """
        SELECT left(encode(sha256(convert_to(concat_ws(
                   '.', (SELECT system_identifier FROM pg_control_system()),
                   (SELECT oid FROM pg_database WHERE datname = current_database()),
                   left(pg_walfile_name(pg_current_wal_lsn()), 8)), 'UTF8')), 'hex'), 16) AS identity,
               pg_snapshot_xmax(pg_current_snapshot())::text AS xmax,
               last.xid, last.customer_id
        FROM (VALUES (0)) AS one
        LEFT JOIN LATERAL (
            SELECT feed_xid::text AS xid, customer_id
            FROM tollgate.account
            WHERE feed_xid > '0' AND feed_xid < pg_snapshot_xmin(pg_current_snapshot())
            ORDER BY feed_xid DESC, customer_id DESC
            LIMIT 1
        ) last ON true
        """

    init(_ row: Rows.Row) throws {
        let last: String? = try row["xid"]
        self.init(
            identity: try row["identity"],
            position: try last.map { FeedPosition(xid: try Self.xid($0), customer: try row["customer_id"]) } ?? .start,
            xmax: try Self.xid(row["xmax"]))
    }

    static func xid(_ text: String) throws(StoreError) -> UInt64 {
        guard let xid = UInt64(text) else { throw .unknownValue("xid") }
        return xid
    }
}
