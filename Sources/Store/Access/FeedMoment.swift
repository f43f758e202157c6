// SPDX-License-Identifier: Apache-2.0

import Notation
import Postgres

/// Where the feed of changes is at a moment, and whose feed it is.
package struct FeedMoment: Sendable, Hashable {
    /// Other for another database, for one that was restored from a dump, and for another timeline: there, transactions of
    /// the same id are others.
    package let identity: String
    /// Every transaction before it has ended; its changes can be read.
    package let xmin: UInt64
    /// No transaction from it on has ended.
    package let xmax: UInt64
    /// Of the database's clock.
    package let at: Timestamp

    package init(identity: String, xmin: UInt64, xmax: UInt64, at: Timestamp) {
        self.identity = identity
        self.xmin = xmin
        self.xmax = xmax
        self.at = at
    }

    /// What was visible then lies before it; what was not is behind it.
    package var position: FeedPosition { FeedPosition(xid: xmin) }

    /// A hash, because the number of a cluster is nobody's business. SHA-256, since MD5 may be forbidden on the server.
    static let query: SQL = """
        SELECT left(encode(sha256(convert_to(concat_ws(
                   '.', (SELECT system_identifier FROM pg_control_system()),
                   (SELECT oid FROM pg_database WHERE datname = current_database()),
                   left(pg_walfile_name(pg_current_wal_lsn()), 8)), 'UTF8')), 'hex'), 16) AS identity,
               pg_snapshot_xmin(pg_current_snapshot())::text AS xmin,
               pg_snapshot_xmax(pg_current_snapshot())::text AS xmax,
               clock_timestamp() AS at
        """

    init(_ row: Rows.Row) throws {
        self.init(
            identity: try row["identity"], xmin: try Self.xid(row["xmin"]), xmax: try Self.xid(row["xmax"]),
            at: try row["at"])
    }

    static func xid(_ text: String) throws(StoreError) -> UInt64 {
        guard let xid = UInt64(text) else { throw .unknownValue("xid") }
        return xid
    }
}
