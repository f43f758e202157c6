// SPDX-License-Identifier: Apache-2.0

import CLibPQ
import Glibc

extension Session {
    /// - Returns: an open connection, which the caller must finish.
    static func connect(_ source: DataSource, _ settings: SessionSettings) throws(PostgresError) -> OpaquePointer {
        // What comes before `dbname` is a default that the data source may override.
        let options: [(String, String)] = [
            ("fallback_application_name", settings.applicationName),
            ("connect_timeout", "\(max(2, settings.connectTimeout.components.seconds))"),
            ("keepalives_idle", "15"),
            ("keepalives_interval", "5"),
            ("keepalives_count", "3"),
            ("tcp_user_timeout", "20000"),
            // Of several hosts, the one that accepts writes; a failover moves it.
            ("target_session_attrs", "read-write"),
            ("dbname", source.conninfo),
            ("client_encoding", "UTF8"),
        ]
        // Nor may it reach libpq's message, which would quote it.
        if case .failure(let fault) = source.settings {
            throw PostgresError(sqlState: "08001", message: "DATABASE_URL: \(fault)", connectFailure: .unusable)
        }
        guard let handle = withOptions(options, { PQconnectdbParams($0, $1, 1) }) else {
            throw PostgresError(sqlState: "53200", message: "libpq is out of memory")
        }
        guard PQstatus(handle) == CONNECTION_OK || isServerRefusal(handle) && askWhy(handle) else {
            let error = failure(handle, source)
            PQfinish(handle)
            throw error
        }
        return handle
    }

    /// Calls libpq with options in the form it expects.
    static func withOptions<T>(
        _ options: [(String, String)],
        _ body: (UnsafePointer<UnsafePointer<CChar>?>, UnsafePointer<UnsafePointer<CChar>?>) -> T
    ) -> T {
        // strdup keeps the C strings alive for the call without nesting a closure per option.
        let keywords = options.map { UnsafePointer(strdup($0.0)) } + [nil]
        let values = options.map { UnsafePointer(strdup($0.1)) } + [nil]
        defer {
            for string in keywords + values { free(UnsafeMutableRawPointer(mutating: string)) }
        }
        return body(keywords, values)
    }

    /// libpq's message on one line.
    static func message(of handle: OpaquePointer) -> String {
        let text = PQerrorMessage(handle).map { String(cString: $0) } ?? ""
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " ").split(separator: "\t").joined()
        return line.isEmpty ? "the connection was lost" : line
    }
}
