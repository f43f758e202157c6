// SPDX-License-Identifier: Apache-2.0

import Postgres

/// What keeps the database from doing its work, whatever that work is about.
package enum Trouble: String, Sendable, Hashable, CaseIterable {
    case connection
    case readOnly = "read_only"
    case privileges
    case schema
    case resources
    case locks
    case server
    /// Not the database's: its stand-in, the disk, has it.
    case spool

    /// In the words of a log line.
    var summary: String {
        switch self {
        case .connection: "the database is away"
        case .readOnly: "the database takes no writes"
        case .privileges: "the database denies a privilege that tollgate needs"
        case .schema: "the database's schema is not the one that this version works with"
        case .resources: "the database has run out of something"
        case .locks: "another session keeps rows of customers locked: only their events wait"
        case .server: "the database is in trouble"
        case .spool: "the spool does not take events"
        }
    }

    /// Why there is no session.
    init(_ failure: ConnectFailure) {
        switch failure {
        case .authenticationFailed, .notPermitted: self = .privileges
        case .readOnly: self = .readOnly
        case .tooManyConnections: self = .resources
        case .unknownDatabase, .tls, .unknownHost, .startingUp, .unreachable, .unusable: self = .connection
        }
    }

    /// What an operator can do about it.
    var advice: String {
        switch self {
        case .connection: "bring PostgreSQL back, or fix DATABASE_URL"
        case .readOnly: "connect to the server that takes writes, or end its read-only mode"
        case .privileges:
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA tollgate to the user of DATABASE_URL, "
                + "and USAGE on the schema"
        case .schema: "run 'tollgate migrate' of this version; replace processes that are older than the schema"
        case .resources: "free disk or memory, or raise the limit that the error names"
        case .locks: "look for a long transaction in pg_stat_activity"
        case .server: "look in PostgreSQL's own log"
        case .spool: "fix what the error names: room on its disk, its folder, or TOLLGATE_SPOOL_LIMIT"
        }
    }
}
