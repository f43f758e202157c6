// SPDX-License-Identifier: Apache-2.0

/// What PostgreSQL or libpq refused. Carries no parameter values: the server's DETAIL line can quote a whole row,
/// payload included, so it is left out.
package struct PostgresError: Error, Sendable, Hashable, CustomStringConvertible {
    /// SQLSTATE, five characters. `08006` (connection failure) if libpq gives none.
    package let sqlState: String
    package let message: String
    package let constraint: String?
    /// Why there is no session; nil for an error that happened in one.
    package let connectFailure: ConnectFailure?

    package init(
        sqlState: String,
        message: String,
        constraint: String? = nil,
        connectFailure: ConnectFailure? = nil
    ) {
        self.sqlState = sqlState
        self.message = message
        self.constraint = constraint
        self.connectFailure = connectFailure
    }

    package var description: String {
        let name = constraint.map { " (constraint \($0))" } ?? ""
        // In words that do not depend on the server's language.
        let kind = sqlState == "40P01" ? " (deadlock)" : ""
        return "PostgreSQL \(sqlState)\(kind): \(message)\(name)"
    }

    /// The same for a log: PostgreSQL quotes the value that it cannot take.
    package var loggable: String { isDataError ? "PostgreSQL \(sqlState): it refuses a value" : description }

    /// A COMMIT without an answer, or without a complete one: it may have happened. SQLSTATE 08007.
    static func unknownOutcome(_ message: String) -> PostgresError {
        PostgresError(sqlState: "08007", message: "the outcome of the commit is unknown: \(message)")
    }

    /// Whether it is a commit that may have happened.
    var isUnknownOutcome: Bool { sqlState == "08007" }

    package var isUniqueViolation: Bool { sqlState == "23505" }

    /// The server rejected a value as such (NUL, date out of range, …): the same statement will fail again.
    package var isDataError: Bool { sqlState.hasPrefix("22") }

    /// A lock that others hold was not released within the lock time-out.
    package var isLockTimeout: Bool { sqlState == "55P03" }

    /// Whether the connection is gone, or was never established.
    package var isConnectionLoss: Bool {
        connectFailure != nil || sqlState.hasPrefix("08")
            || ["57P01", "57P02", "57P03", "25P03", "57P05"].contains(sqlState)
    }

    /// Whether the same work may succeed later: lost connections, deadlocks, time-outs, lack of resources, a
    /// read-only standby, a shutdown.
    package var isTransient: Bool {
        isConnectionLoss || sqlState.hasPrefix("40") || sqlState.hasPrefix("53") || sqlState.hasPrefix("57")
            || sqlState.hasPrefix("58") || sqlState == "55P03" || sqlState == "25006"
    }
}
