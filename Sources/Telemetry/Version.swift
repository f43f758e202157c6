// SPDX-License-Identifier: Apache-2.0

import CBuildInfo

/// Which Tollgate this is, as shown by `tollgate --version`, the first line of the log and the metrics.
package enum Version {
    package static let current = "0.1.0-dev"

    /// The commit it was built from, with `-dirty` appended if there were local changes; nil if the build was not told,
    /// as in a plain `swift build`.
    package static let commit: String? = {
        let text = String(cString: tollgate_commit())
        return text.isEmpty ? nil : text
    }()

    /// `0.1.0-dev (commit 1a2b3c4d5e6f)`
    package static let text = "\(current) (commit \(commit ?? "unknown"))"
}
