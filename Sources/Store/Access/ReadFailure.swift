// SPDX-License-Identifier: Apache-2.0

import Postgres

/// Why a gateway's question could not be answered by the database.
package enum ReadFailure: Error {
    /// The database is unavailable or overloaded, or did not answer in time.
    case outage(Trouble, String)
    case unexpected(Trouble, String)

    init<Item, Output>(_ failure: GroupCommit<Item, Output>.Failure) {
        switch failure {
        case .overload: self = .outage(.server, "too many requests are waiting")
        case .late: self = .outage(.server, "the database did not answer in time")
        case .database(let error): self.init(of: error)
        }
    }

    init(of error: any Error) {
        let trouble = Blame.trouble(of: error)
        // PostgreSQL quotes the values that it cannot take.
        let message = (error as? PostgresError)?.loggable ?? "\(error)"
        self = DatabaseOutage.explains(error) ? .outage(trouble, message) : .unexpected(trouble, message)
    }
}
