// SPDX-License-Identifier: Apache-2.0

import Hashing
import Schema

extension Migration {
    /// SHA-256 of its SQL as the program executes it, in 64 lower-case hex digits. Beside its name in
    /// `tollgate.migration`, it tells whether a database has this file or another of the same name.
    /// - Throws: `MigrationFailure.noChecksum`.
    package var checksum: String {
        get throws(MigrationFailure) {
            guard let checksum = Digest.sha256(Array(sql.utf8)) else { throw .noChecksum }
            return checksum
        }
    }
}
