// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// Paths in messages are absolute: a relative one leads elsewhere in every folder.
package enum AbsolutePath {
    /// The path as it is reached from anywhere; nothing needs to exist there.
    package static func of(_ path: String) -> String {
        guard !path.hasPrefix("/") else { return path }
        let folder = FileManager.default.currentDirectoryPath
        let rest = path.hasPrefix("./") ? path.dropFirst(2) : path[...]
        return folder == "/" ? "/\(rest)" : "\(folder)/\(rest)"
    }
}
