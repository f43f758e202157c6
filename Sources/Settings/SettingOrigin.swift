// SPDX-License-Identifier: Apache-2.0

/// Where the value of a setting comes from.
package enum SettingOrigin: Hashable, Sendable {
    case environment
    /// - Parameter path: what `NAME_FILE` holds, or words in its place where that is no path.
    case file(path: String)
    /// What `tollgate dev` left in the current folder.
    case development
    case standard
}
