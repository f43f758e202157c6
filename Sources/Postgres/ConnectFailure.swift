// SPDX-License-Identifier: Apache-2.0

/// Why a session could not be opened, as far as it can be told.
package enum ConnectFailure: String, Sendable, Hashable, CaseIterable {
    case authenticationFailed = "authentication_failed"
    case unknownDatabase = "unknown_database"
    case notPermitted = "not_permitted"
    case readOnly = "read_only"
    case tls = "tls_failed"
    case unknownHost = "unknown_host"
    case tooManyConnections = "too_many_connections"
    case startingUp = "starting_up"
    case unreachable = "unreachable"
    /// The string itself cannot be used.
    case unusable = "unusable_url"

    /// - Parameters:
    ///   - sqlState: the server's, if one answered.
    ///   - message: libpq's, in English: nothing in this process sets a locale.
    init(sqlState: String?, message: String) {
        switch sqlState {
        case let state? where state.hasPrefix("28"): self = .authenticationFailed
        case "3D000": self = .unknownDatabase
        case "42501": self = .notPermitted
        case "53300": self = .tooManyConnections
        case "57P03": self = .startingUp
        default:
            if ["session is read-only", "server is in hot standby mode"].contains(where: message.contains) {
                self = .readOnly
            } else if message.contains("could not translate host name") {
                self = .unknownHost
            } else if ["SSL", "certificate"].contains(where: message.contains) {
                self = .tls
            } else {
                self = .unreachable
            }
        }
    }

    /// Whether it lasts until somebody does something about it.
    package var needsOperator: Bool {
        switch self {
        case .authenticationFailed, .unknownDatabase, .notPermitted, .readOnly, .tls, .unknownHost, .unusable: true
        case .tooManyConnections, .startingUp, .unreachable: false
        }
    }

    /// What it means and what to do, without naming the server.
    package var advice: String {
        switch self {
        case .authenticationFailed:
            "PostgreSQL refuses the role or the password of DATABASE_URL; correct them, or the server's "
                + "pg_hba.conf"
        case .unknownDatabase: "PostgreSQL has no database of the name in DATABASE_URL; CREATE DATABASE creates it"
        case .notPermitted: "the role of DATABASE_URL may not connect; GRANT CONNECT ON DATABASE allows it"
        case .readOnly:
            "the server takes no writes: it is a standby, or default_transaction_read_only is on; "
                + "name the primary in DATABASE_URL, or both"
        case .tls: "the encrypted connection failed; check sslmode, sslrootcert and the server's certificate"
        case .unknownHost: "the host of DATABASE_URL has no address; check its name and the name server"
        case .tooManyConnections: "PostgreSQL has no connections left; raise max_connections or the role's limit"
        case .startingUp: "PostgreSQL is starting up or shutting down"
        case .unreachable: "nothing answers as PostgreSQL at the host and port of DATABASE_URL"
        case .unusable: "DATABASE_URL cannot be read"
        }
    }
}
