// SPDX-License-Identifier: Apache-2.0

import Postgres
import Schema

/// Brings the schema `tollgate` up to date, forward only.
package struct Migrator: Sendable {
    private let database: Database
    private let migrations: [Migration]
    private let say: @Sendable (MigrationRemark) -> Void

    /// - Parameters:
    ///   - migrations: all that this program knows, in order.
    ///   - say: told what people should know besides the result.
    package init(
        _ source: DataSource,
        migrations: [Migration] = Schema.migrations,
        say: @escaping @Sendable (MigrationRemark) -> Void = { _ in }
    ) {
        let settings = SessionSettings(
            applicationName: "tollgate-migrate", statementTimeout: .zero, lockTimeout: .zero,
            policy: SessionPolicy.migrating)
        database = Database(source, connections: 1, settings: settings)
        self.migrations = migrations
        self.say = say
    }

    /// Applies what is missing, all in one transaction; of several processes at once, one does it and the others find
    /// it done.
    /// - Returns: the names of the applied migrations.
    /// - Throws: `MigrationFailure`, also if the schema is newer than this program; `PostgresError`.
    package func migrate() async throws -> [String] {
        try await explaining {
            try await database.requireSessions()
            let found = try await version()
            if found > known { throw MigrationFailure.schemaIsNewer(found: found, known: known) }
            let applied = found < known ? try await apply() : []
            try await remarkOnReader()
            return applied
        }
    }

    /// The same for a program that will work on the schema: a newer one that breaks nothing is fine.
    @discardableResult
    package func prepare() async throws -> [String] {
        try await explaining {
            try await database.requireSessions()
            let found = try await version()
            if found > known { say(.schemaIsNewer(found: found, known: known)) }
            guard found < known else { return [] }
            let applied = try await apply()
            if !applied.isEmpty { try await remarkOnReader() }
            return applied
        }
    }

    /// Whether this program can work on the schema as it is.
    /// - Throws: `MigrationFailure` if it cannot.
    package func check() async throws {
        try await explaining {
            try await database.requireSessions()
            let found = try await version()
            if found < known { throw MigrationFailure.schemaIsOlder(found: found, needed: known) }
            if found > known { say(.schemaIsNewer(found: found, known: known)) }
        }
    }

    package func close() async throws {
        try await database.shutdown()
    }

    private var known: Int { migrations.last?.version ?? 0 }

    // MARK: What is there

    /// Of one moment: of a schema that somebody is making right now, it sees everything or nothing.
    private func version() async throws -> Int {
        try await database.transaction(mode: .snapshot) { try version($0) }
    }

    /// - Throws: `MigrationFailure`, for a database or a schema that this program cannot work on.
    private func version(_ connection: Connection) throws -> Int {
        let place = try Self.place(connection)
        guard place.encoding == "UTF8" else {
            throw MigrationFailure.encodingIsNotUTF8(database: place.database, encoding: place.encoding)
        }
        guard place.hasTable else {
            try Self.requireEmptySchema(of: place, connection)
            return 0
        }
        let checksums = try migrations.map { try $0.checksum }
        // As JSON, because tables of builds from before the first release have no such columns.
        let row = try connection.execute(
            """
            SELECT coalesce(max(version), 0) AS found,
                   CASE WHEN min(version) < 1 THEN min(version)
                        ELSE (SELECT min(place) FROM (SELECT version, row_number() OVER (ORDER BY version) AS place
                                                      FROM tollgate.migration) listed
                              WHERE version <> place) END AS gap,
                   min(version) FILTER (WHERE version > \(known) AND (to_jsonb(m) ->> 'breaking')::boolean) AS breaking,
                   min(version) FILTER (WHERE m.name <> own.name) AS other,
                   min(version) FILTER (WHERE to_jsonb(m) ->> 'checksum' IS DISTINCT FROM own.checksum
                                              AND own.name IS NOT NULL) AS changed
            FROM tollgate.migration m
            LEFT JOIN unnest(\(migrations.map(\.name)), \(checksums))
                WITH ORDINALITY own (name, checksum, version) USING (version)
            """
        ).only
        let found: Int = try row["found"]
        if let other: Int = try row["other"] {
            throw MigrationFailure.schemaIsOfOtherFiles(version: other, known: migrations[other - 1].name)
        }
        if let changed: Int = try row["changed"] {
            throw MigrationFailure.schemaIsOfOtherContent(name: migrations[changed - 1].name)
        }
        if let gap: Int = try row["gap"] { throw MigrationFailure.listHasGap(version: gap) }
        if let breaking: Int = try row["breaking"] {
            throw MigrationFailure.schemaIsIncompatible(found: found, known: known, since: breaking)
        }
        if found == 0 { try Self.requireEmptySchema(of: place, connection) }
        return found
    }

    /// What the catalog says, which needs no privilege.
    private struct Place {
        let hasSchema: Bool
        /// Whether there is a table `tollgate.migration` with the columns that every build has given it.
        let hasTable: Bool
        /// Whether it has today's.
        let isCurrent: Bool
        let mayCreate: Bool
        let database: String
        let encoding: String
        let role: String
    }

    private static func place(_ connection: Connection) throws -> Place {
        let row = try connection.execute(
            """
            SELECT n.oid IS NOT NULL AS has_schema,
                   coalesce(columns @> ARRAY['version ' || 'int4'::regtype::oid, 'name ' || 'text'::regtype::oid],
                            false) AS has_table,
                   coalesce(columns @> ARRAY['breaking ' || 'bool'::regtype::oid, 'checksum ' || 'text'::regtype::oid],
                            false) AS is_current,
                   CASE WHEN n.oid IS NULL THEN has_database_privilege(current_database(), 'CREATE')
                        ELSE has_schema_privilege(n.oid, 'USAGE') AND has_schema_privilege(n.oid, 'CREATE')
                   END AS may_create,
                   current_database()::text AS database, getdatabaseencoding()::text AS encoding,
                   current_user::text AS role
            FROM (SELECT) one
            LEFT JOIN pg_namespace n ON n.nspname = 'tollgate'
            LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = 'migration' AND c.relkind = 'r'
            LEFT JOIN LATERAL (
                SELECT array_agg(a.attname || ' ' || a.atttypid) AS columns
                FROM pg_attribute a
                WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            ) a ON true
            """
        ).only
        return Place(
            hasSchema: try row["has_schema"], hasTable: try row["has_table"], isCurrent: try row["is_current"],
            mayCreate: try row["may_create"], database: try row["database"], encoding: try row["encoding"],
            role: try row["role"])
    }

    /// Before the first migration, the schema holds nothing but the table that the migrator makes before it.
    private static func requireEmptySchema(of place: Place, _ connection: Connection) throws {
        if try isOurs(connection) { throw MigrationFailure.listIsLost(database: place.database) }
        let rows = try connection.execute(
            """
            SELECT CASE c.relkind WHEN 'v' THEN 'view ' WHEN 'm' THEN 'materialized view ' WHEN 'S' THEN 'sequence '
                                  WHEN 'c' THEN 'type ' ELSE 'table ' END || c.relname AS object
            FROM pg_class c
            WHERE c.relnamespace = to_regnamespace('tollgate') AND c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S', 'c')
              AND NOT (\(place.isCurrent) AND c.relname = 'migration')
              AND NOT EXISTS (SELECT FROM pg_depend d
                              WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
            UNION ALL
            SELECT 'function ' || p.proname
            FROM pg_proc p
            WHERE p.pronamespace = to_regnamespace('tollgate')
              AND NOT EXISTS (SELECT FROM pg_depend d
                              WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
            ORDER BY object
            LIMIT 1
            """)
        if let row = rows.first {
            throw MigrationFailure.schemaIsNotOurs(database: place.database, object: try row["object"])
        }
    }

    /// Whether it holds tables that every version of ours has, and that nobody else's would have together.
    private static func isOurs(_ connection: Connection) throws -> Bool {
        let ours = ["event", "event_work", "event_attempt"]
        return try connection.execute(
            """
            SELECT FROM pg_class
            WHERE relnamespace = to_regnamespace('tollgate') AND relkind IN ('r', 'p') AND relname = ANY (\(ours))
            """
        ).count == ours.count
    }

    private func remarkOnReader() async throws {
        let isMissing = try await database.transaction { connection in
            try connection.execute(
                """
                SELECT FROM pg_roles
                WHERE rolname = 'tollgate_reader' AND has_table_privilege(oid, 'tollgate.api_access', 'SELECT')
                """
            ).count == 0
        }
        if isMissing { say(.readerIsMissing) }
    }

    // MARK: What is done

    private func apply() async throws -> [String] {
        try await makeTable()
        do {
            return try await database.transaction { try apply($0, waits: false) }
        } catch is Busy {
            let holders = try await database.transaction {
                try LockHolders.find("tollgate.migration", besidesReaders: true, $0)
            }
            say(.waitsForLock(holders: holders))
            return try await database.transaction { try apply($0, waits: true) }
        }
    }

    /// Somebody else is migrating.
    private struct Busy: Error {}

    /// The table that is locked during a schema change must exist before: only a role with a privilege on it can lock
    /// it, whereas anybody can take an advisory lock.
    private func makeTable() async throws {
        for attempt in 1... {
            do {
                return try await database.transaction { try Self.makeTable($0) }
            } catch let error as PostgresError where attempt < 10 && error.isAlreadyThere {
                // Another process was faster, and has committed by now.
            }
        }
    }

    private static func makeTable(_ connection: Connection) throws {
        let place = try place(connection)
        if place.hasTable { return }
        guard place.mayCreate else {
            throw MigrationFailure.mayNotCreate(
                schema: !place.hasSchema, database: place.database, role: place.role)
        }
        // `IF NOT EXISTS` needs the privilege to create it even if it exists.
        if !place.hasSchema { try connection.executeScript("CREATE SCHEMA tollgate") }
        try connection.executeScript(
            """
            CREATE TABLE tollgate.migration (
                version    integer PRIMARY KEY,
                name       text NOT NULL,
                applied_at timestamptz NOT NULL DEFAULT clock_timestamp(),
                breaking   boolean NOT NULL DEFAULT false,
                checksum   text NOT NULL CHECK (checksum ~ '^[0-9a-f]{64}$')
            )
            """
        )
    }

    /// Those who only ask for the version, or back up the table, neither wait for this nor are waited for.
    private static func lock(_ connection: Connection, waits: Bool) throws {
        let mode = waits ? "SHARE ROW EXCLUSIVE MODE" : "SHARE ROW EXCLUSIVE MODE NOWAIT"
        do throws(PostgresError) {
            try connection.executeScript("LOCK TABLE tollgate.migration IN \(mode)")
        } catch {
            if error.isLockTimeout { throw Busy() }
            throw error
        }
    }

    private func apply(_ connection: Connection, waits: Bool) throws -> [String] {
        try Self.lock(connection, waits: waits)
        try connection.executeScript("SET LOCAL lock_timeout = '10s'; SET LOCAL client_min_messages = warning")
        let found = try version(connection)
        let pending = migrations.filter { $0.version > found }
        let compresses = try Self.hasLZ4(connection)
        if !compresses, !pending.isEmpty { say(.withoutLZ4) }
        for migration in pending {
            // A table of which an earlier file, or an earlier statement, has changed rows cannot be altered while the checks
            // of those wait for the end.
            try connection.executeScript("SET CONSTRAINTS ALL IMMEDIATE")
            try connection.executeScript(compresses ? migration.sql : migration.sqlWithoutLZ4)
            try connection.execute(
                """
                INSERT INTO tollgate.migration (version, name, breaking, checksum)
                VALUES (\(migration.version), \(migration.name), \(migration.isBreaking), \(try migration.checksum))
                """)
        }
        return pending.map(\.name)
    }

    /// An option of the PostgreSQL build.
    private static func hasLZ4(_ connection: Connection) throws -> Bool {
        try connection.execute(
            "SELECT FROM pg_settings WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)"
        ).count > 0
    }

    /// A missing privilege is reported together with what grants it.
    private func explaining<T>(_ body: () async throws -> T) async throws -> T {
        do {
            return try await body()
        } catch let error as PostgresError where error.sqlState == "42501" && error.connectFailure == nil {
            throw MigrationFailure.forbidden(error.message)
        }
    }
}

extension PostgresError {
    /// A schema or table that somebody else has just created.
    fileprivate var isAlreadyThere: Bool { ["23505", "42P06", "42P07", "42710"].contains(sqlState) }
}
