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
    /// Not of the database: its stand-in, the disk, has it.
    case spool

    /// In the words of a log line.
    var summary: String {
        switch self {
        case .connection: "the database is away"
        case .readOnly: "the database takes no writes"
        case .privileges: "the database refuses a right that tollgate needs"
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
        case .connection: "bring PostgreSQL back, or mend DATABASE_URL"
        case .readOnly: "connect to the server that takes writes, or end its read-only mode"
        case .privileges:
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA tollgate to the user of DATABASE_URL, "
                + "and USAGE on the schema"
        case .schema: "run 'tollgate migrate' of this version; replace processes that are older than the schema"
        case .resources: "free disk or memory, or raise the limit that the error names"
        case .locks: "look for a long transaction in pg_stat_activity"
        case .server: "look into PostgreSQL's own log"
        case .spool: "mend what the error names: room on its disk, its folder, or TOLLGATE_SPOOL_LIMIT"
        }
    }
}

/// Whose fault it is that work on an event was refused.
package enum Blame: Sendable, Hashable {
    /// What the event says cannot be stored: it fails, alone.
    case event
    /// The database's, its operator's or ours: the event stays pending, and nothing counts as an attempt.
    case database(Trouble)

    package init(of error: any Error) {
        switch error {
        case let failure as BatchFailure: self = failure.blame
        case let error as PostgresError:
            self = error.connectFailure.map { .database(Trouble($0)) } ?? Blame(sqlState: error.sqlState)
        // An event that cannot be read ends before; what else cannot be read stands in the database.
        default: self = .database(.schema)
        }
    }

    /// By the class of the code, and some codes that their class says too little about.
    init(sqlState: String) {
        switch sqlState {
        case "25006": self = .database(.readOnly)
        case "42501": self = .database(.privileges)
        case "55P03": self = .database(.locks)
        // Ended by an administrator, starting up, dropped, idle for too long, no such database.
        case "57P01", "57P02", "57P03", "57P04", "57P05", "25P03", "3D000": self = .database(.connection)
        default: self.init(sqlClass: String(sqlState.prefix(2)))
        }
    }

    private init(sqlClass: String) {
        switch sqlClass {
        // Cardinality, data, integrity, WITH CHECK OPTION: only these depend on the values alone.
        case "21", "22", "23", "44": self = .event
        case "08": self = .database(.connection)
        case "0L", "0P", "28": self = .database(.privileges)
        // Deadlocks and serialization: somebody else was faster.
        case "40": self = .database(.locks)
        // What is not supported, unknown statements, schemas, tables, columns, types.
        case "0A", "26", "3F", "42": self = .database(.schema)
        case "53", "54": self = .database(.resources)
        // Time-outs, the operating system, corruption, and whatever is not known: never the event.
        default: self = .database(.server)
        }
    }

    /// What to call it where no event is concerned.
    package static func trouble(of error: any Error) -> Trouble {
        switch Blame(of: error) {
        case .event: .server
        case .database(let trouble): trouble
        }
    }
}
