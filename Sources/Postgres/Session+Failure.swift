// SPDX-License-Identifier: Apache-2.0

import CLibPQ
import Synchronization

extension Session {
    /// SQLSTATEs by the server's message, in whatever language it is.
    private static let known = Mutex<[String: String]>([:])

    /// Why there is no session. libpq tells no SQLSTATE of it, so it is read from its most verbose message.
    static func failure(_ handle: OpaquePointer, _ source: DataSource) -> PostgresError {
        let message = message(of: handle)
        let state = known.withLock { $0[message] } ?? sqlState(in: message)
        return PostgresError(
            sqlState: state ?? "08001",
            message: source.redact(brief(message)),
            connectFailure: ConnectFailure(sqlState: state, message: message)
        )
    }

    /// Whether it is the server that refuses: in its messages two blanks follow the severity.
    static func isServerRefusal(_ handle: OpaquePointer) -> Bool {
        let message = message(of: handle)
        return message.contains(":  ") && known.withLock { $0[message] } == nil
    }

    /// Tries once more, to be told the SQLSTATE of a message that was not met before.
    /// - Returns: whether this time there is a session.
    static func askWhy(_ handle: OpaquePointer) -> Bool {
        let brief = message(of: handle)
        _ = PQsetErrorVerbosity(handle, PQERRORS_VERBOSE)
        PQreset(handle)
        _ = PQsetErrorVerbosity(handle, PQERRORS_DEFAULT)
        if PQstatus(handle) == CONNECTION_OK { return true }
        guard let state = sqlState(in: message(of: handle)) else { return false }
        known.withLock { known in
            // No more than a server has ways to refuse, and never without bound.
            if known.count >= 64 { known = [:] }
            known[brief] = state
        }
        return false
    }

    /// In `FATAL:  28P01: …`.
    private static func sqlState(in message: String) -> String? {
        var rest = message[...]
        while let severity = rest.firstRange(of: ":  ") {
            rest = rest[severity.upperBound...]
            let state = rest.prefix(5)
            let isState = state.count == 5 && state.allSatisfy { $0.isASCII && ($0.isNumber || $0.isUppercase) }
            if isState, rest.dropFirst(5).hasPrefix(": ") { return String(state) }
        }
        return nil
    }

    /// Without what is for PostgreSQL's developers.
    private static func brief(_ message: String) -> String {
        message.firstRange(of: " LOCATION:  ").map { String(message[..<$0.lowerBound]) } ?? message
    }
}
