// SPDX-License-Identifier: Apache-2.0

/// What people should know about the schema, though nothing is wrong.
package enum MigrationRemark: Sendable, Hashable, CustomStringConvertible {
    case waitsForLock(holders: [String])
    case schemaIsNewer(found: Int, known: Int)
    case readerIsMissing
    case withoutLZ4

    package var description: String {
        switch self {
        case .waitsForLock(let holders):
            "waiting for another migration"
                + (holders.isEmpty ? "" : ": tollgate.migration is held by \(holders.joined(separator: ", "))")
        case .schemaIsNewer(let found, let known):
            "the schema is at version \(found), newer than the \(known) that this tollgate knows, but it breaks nothing: "
                + "replace this process with the newer version"
        case .readerIsMissing:
            "there is no role tollgate_reader that may read tollgate.api_access, for this role may not make it: "
                + "as an administrator run CREATE ROLE tollgate_reader NOLOGIN; "
                + "GRANT USAGE ON SCHEMA tollgate TO tollgate_reader; "
                + "GRANT SELECT ON tollgate.api_access TO tollgate_reader"
        case .withoutLZ4:
            "this PostgreSQL was built without lz4: payloads are compressed with pglz, which takes more processor time"
        }
    }

    /// Whether somebody should do something about it.
    package var isWarning: Bool {
        switch self {
        case .schemaIsNewer, .readerIsMissing: true
        case .waitsForLock, .withoutLZ4: false
        }
    }
}
