// SPDX-License-Identifier: Apache-2.0

/// Where the value of a setting comes from.
package enum SettingOrigin: Hashable, Sendable {
    case environment
    /// - Parameter path: the content of `NAME_FILE`, or a description if that is not a path.
    case file(path: String)
    /// What `tollgate dev` left in the current folder.
    case development
    case standard
}
