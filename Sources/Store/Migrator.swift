import Postgres
import Schema

/// Brings the schema `tollgate` up to date, forward only.
public struct Migrator: Sendable {
    private let database: Database

    /// Why the schema and this program do not fit.
    public enum Failure: Error, Hashable, CustomStringConvertible {
        case schemaIsNewer(found: Int, known: Int)
        case schemaIsOlder(found: Int, needed: Int)

        public var description: String {
            switch self {
            case .schemaIsNewer(let found, let known):
                "the database's schema is at version \(found), this tollgate knows up to \(known): "
                    + "run the newer tollgate that migrated it"
            case .schemaIsOlder(let found, let needed):
                "the database's schema is at version \(found), this tollgate needs \(needed): run `tollgate migrate`"
            }
        }
    }

    public init(_ source: DataSource) {
        let settings = SessionSettings(applicationName: "tollgate-migrate", statementTimeout: .zero, lockTimeout: .zero)
        database = Database(source, connections: 1, settings: settings)
    }

    /// Applies what is missing, all in one transaction; of several processes at once, one does it and the
    /// others find it done.
    /// - Returns: the names of what was applied.
    public func migrate() async throws -> [String] {
        try await database.transaction { connection in
            // Any number will do, as long as every tollgate takes the same.
            try connection.execute("SELECT pg_advisory_xact_lock(8655421)")
            try connection.executeScript(
                """
                SET LOCAL lock_timeout = '10s';
                SET LOCAL client_min_messages = warning;
                CREATE SCHEMA IF NOT EXISTS tollgate;
                CREATE TABLE IF NOT EXISTS tollgate.migration (
                    version    integer PRIMARY KEY,
                    name       text NOT NULL,
                    applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
                )
                """
            )
            let found = try Self.version(connection)
            let pending = Schema.migrations.filter { $0.version > found }
            for migration in pending {
                try connection.executeScript(migration.sql)
                try connection.execute(
                    "INSERT INTO tollgate.migration (version, name) VALUES ($1::bigint, $2)",
                    .value(migration.version),
                    .value(migration.name)
                )
            }
            return pending.map(\.name)
        }
    }

    /// Whether the schema is exactly the one this program knows.
    /// - Throws: `Failure` where it is not.
    public func check() async throws {
        try await database.transaction { connection in
            let exists = try connection.execute("SELECT to_regclass('tollgate.migration') IS NOT NULL")
            let found = (try exists.first?.decode(Bool.self) ?? false) ? try Self.version(connection) : 0
            if found < Self.known { throw Failure.schemaIsOlder(found: found, needed: Self.known) }
        }
    }

    public func close() async throws {
        try await database.shutdown()
    }

    private static var known: Int { Schema.migrations.last?.version ?? 0 }

    private static func version(_ connection: Connection) throws -> Int {
        let rows = try connection.execute("SELECT coalesce(max(version), 0) FROM tollgate.migration")
        let found = try rows.first?.decode(Int.self) ?? 0
        if found > known { throw Failure.schemaIsNewer(found: found, known: known) }
        return found
    }
}
