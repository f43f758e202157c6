// SPDX-License-Identifier: Apache-2.0

import Postgres

/// What callers are told while the database is unavailable.
package enum DatabaseOutage {
    /// Whether an error means that the database is unavailable or overloaded, or closed to us by its operator, rather than
    /// that something is wrong here.
    package static func explains(_ error: any Error) -> Bool {
        switch error {
        case let error as PostgresError: error.isTransient || Blame.trouble(of: error) == .privileges
        case is Inbox.Unavailable: true
        default: false
        }
    }

    /// Why there is no session, if that is the problem: a word for programs, and what to do.
    package static func cause(of error: any Error) -> (code: String, advice: String)? {
        (error as? PostgresError)?.connectFailure.map { ($0.rawValue, $0.advice) }
    }

    /// What to tell a caller in the meantime.
    package static func detail(of error: any Error) -> String {
        switch Blame.trouble(of: error) {
        case .connection: "The database is away; try again."
        case .readOnly: "The database takes no writes; try again."
        case .locks: "Another session holds what this would change; try again."
        case .resources: "The database has run out of something; try again."
        case .privileges: "The database refuses what Tollgate's role needs: its operator must grant it."
        case .schema, .server, .spool: "The database did not do it in time; try again."
        }
    }
}
