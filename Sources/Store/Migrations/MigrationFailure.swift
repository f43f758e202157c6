// SPDX-License-Identifier: Apache-2.0

/// Why the schema and this program do not fit, or cannot be made to fit.
package enum MigrationFailure: Error, Hashable, CustomStringConvertible {
    case schemaIsNewer(found: Int, known: Int)
    /// A newer migration has changed something that older programs rely on.
    case schemaIsIncompatible(found: Int, known: Int, since: Int)
    /// Its files are not those of this program: it was made before the first release, or by another branch.
    case schemaIsOfOtherFiles(version: Int, known: String)
    /// A file of this name has been applied that said something else.
    case schemaIsOfOtherContent(name: String)
    /// No Tollgate has made it.
    /// - Parameter object: what it holds, such as `table event`.
    case schemaIsNotOurs(database: String, object: String)
    /// A version below the highest has no row in `tollgate.migration`, or one has that is none.
    case listHasGap(version: Int)
    /// The schema is Tollgate's, but `tollgate.migration` is empty or missing.
    case listIsLost(database: String)
    case encodingIsNotUTF8(database: String, encoding: String)
    /// OpenSSL fails.
    case noChecksum
    case schemaIsOlder(found: Int, needed: Int)
    case mayNotCreate(schema: Bool, database: String, role: String)
    case forbidden(String)

    package var description: String {
        switch self {
        case .schemaIsNewer(let found, let known):
            "the database's schema is at version \(found), this tollgate knows up to \(known): there is nothing for it to "
                + "migrate, and its `serve` still works; migrate with the newer tollgate"
        case .schemaIsIncompatible(let found, let known, let since):
            "the database's schema is at version \(found), this tollgate knows up to \(known), and version \(since) "
                + "changed what it relies on: run the newer tollgate that migrated it"
        case .schemaIsOfOtherFiles(let version, let known):
            "the database's schema was made by other files than this tollgate's: its version \(version) is not \(known). "
                + "Builds from before 0.1.0 had other files, and nothing moves their data: use a new database, or for "
                + "development `tollgate dev --reset`. Nothing was changed"
        case .schemaIsOfOtherContent(let name):
            "the database's schema was made with another \(name) than this tollgate's: the checksum in tollgate.migration "
                + "is not that of this program's file. Run the tollgate that made it; if that was a build from before "
                + "0.1.0, or the file was changed while you developed it, use a new database, or `tollgate dev --reset`. "
                + "Nothing was changed"
        case .schemaIsNotOurs(let database, let object):
            "the schema tollgate in the database \(database) is not Tollgate's: it holds the \(object), which no tollgate "
                + "has made. Name another database in DATABASE_URL, or move that schema out of the way with "
                + "ALTER SCHEMA tollgate RENAME TO something_else. Nothing was changed"
        case .listHasGap(let version) where version < 1:
            "tollgate.migration has a row of version \(version), which no tollgate has written: delete it, or restore the "
                + "table's rows from the backup. Nothing was changed"
        case .listHasGap(let version):
            "tollgate.migration has no row of version \(version), though later ones are there, so nobody can tell what the "
                + "schema is: restore the table's rows from the backup. Nothing was changed"
        case .listIsLost(let database):
            "the schema tollgate in the database \(database) is Tollgate's, but nothing in tollgate.migration says of which "
                + "version: restore that table with its rows from the backup, as with pg_restore --table=migration. "
                + "Nothing was changed"
        case .encodingIsNotUTF8(let database, let encoding):
            "the database \(database) has the encoding \(encoding), which cannot hold what Stripe sends: make another "
                + "with `createdb -E UTF8 -T template0 NAME`, and name it in DATABASE_URL. Nothing was changed"
        case .noChecksum: "OpenSSL cannot compute SHA-256, so the files of the schema cannot be told: is memory short?"
        case .schemaIsOlder(let found, let needed):
            "the database's schema is at version \(found), this tollgate needs \(needed): run `tollgate migrate`"
        case .mayNotCreate(true, let database, let role):
            "the role \(role) may not create the schema tollgate: as an administrator run "
                + "CREATE SCHEMA tollgate AUTHORIZATION \"\(role)\"; or GRANT CREATE ON DATABASE \"\(database)\" TO \"\(role)\""
        case .mayNotCreate(false, _, let role):
            "the role \(role) may not create tables in the schema tollgate: as its owner or an administrator run "
                + "GRANT USAGE, CREATE ON SCHEMA tollgate TO \"\(role)\", or migrate as the schema's owner"
        case .forbidden(let message):
            "\(message): migrate as the role that owns the tables of the schema tollgate. Who only works on them needs "
                + "GRANT USAGE ON SCHEMA tollgate and GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA tollgate"
        }
    }
}
