// SPDX-License-Identifier: Apache-2.0

import Postgres

/// What is to blame if work on an event was refused.
package enum Blame: Sendable, Hashable {
    /// What the event says cannot be stored: only this event fails.
    case event
    /// The database, its operator or us: the event stays pending, and nothing counts as an attempt.
    case database(Trouble)

    package init(of error: any Error) {
        switch error {
        case let failure as BatchFailure: self = failure.blame
        case let error as PostgresError:
            self = error.connectFailure.map { .database(Trouble($0)) } ?? Blame(sqlState: error.sqlState)
        // An event that cannot be read has ended before this; anything else unreadable is in the database.
        default: self = .database(.schema)
        }
    }

    /// By the class of the code, and for some codes on their own because their class says too little.
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
        // Cardinality, data, integrity, WITH CHECK OPTION: only these depend on nothing but the values.
        case "21", "22", "23", "44": self = .event
        case "08": self = .database(.connection)
        case "0L", "0P", "28": self = .database(.privileges)
        // Deadlocks and serialization failures: somebody else was faster.
        case "40": self = .database(.locks)
        // Unsupported features; unknown statements, schemas, tables, columns, types.
        case "0A", "26", "3F", "42": self = .database(.schema)
        case "53", "54": self = .database(.resources)
        // Time-outs, the operating system, corruption, and everything unknown: never the event.
        default: self = .database(.server)
        }
    }

    /// What to call it if no event is concerned.
    package static func trouble(of error: any Error) -> Trouble {
        switch Blame(of: error) {
        case .event: .server
        case .database(let trouble): trouble
        }
    }
}
