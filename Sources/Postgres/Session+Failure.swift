// SPDX-License-Identifier: Apache-2.0

import CLibPQ
import Synchronization

extension Session {
    /// SQLSTATEs by the server's message, in whatever language it is.
    private static let known = Mutex<[String: String]>([:])

    /// Why there is no session. libpq gives no SQLSTATE for it, so it is read from the most verbose message.
    static func failure(_ handle: OpaquePointer, _ source: DataSource) -> PostgresError {
        let message = message(of: handle)
        let state = known.withLock { $0[message] } ?? sqlState(in: message)
        return PostgresError(
            sqlState: state ?? "08001",
            message: source.redact(brief(message)),
            connectFailure: ConnectFailure(sqlState: state, message: message)
        )
    }

    /// Whether the server refuses: in its messages, two blanks follow the severity.
    static func isServerRefusal(_ handle: OpaquePointer) -> Bool {
        let message = message(of: handle)
        return message.contains(":  ") && known.withLock { $0[message] } == nil
    }

    /// Tries once more, to learn the SQLSTATE of a message that was not seen before.
    /// - Returns: whether there is a session this time.
    static func askWhy(_ handle: OpaquePointer) -> Bool {
        let brief = message(of: handle)
        _ = PQsetErrorVerbosity(handle, PQERRORS_VERBOSE)
        PQreset(handle)
        _ = PQsetErrorVerbosity(handle, PQERRORS_DEFAULT)
        if PQstatus(handle) == CONNECTION_OK { return true }
        guard let state = sqlState(in: message(of: handle)) else { return false }
        known.withLock { known in
            // As many as a server has ways to refuse, but never without bound.
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

    /// Without the part for PostgreSQL's developers.
    private static func brief(_ message: String) -> String {
        message.firstRange(of: " LOCATION:  ").map { String(message[..<$0.lowerBound]) } ?? message
    }
}
