// SPDX-License-Identifier: Apache-2.0

/// Identifies a locked folder, so that it can be recognised later.
struct FolderMark: Sendable, Hashable {
    enum Standing {
        /// The path leads to it, and its lock is held.
        case ours
        /// The path leads to it, but its lock file is not the one we locked: another process may be working in it.
        case unlocked
        /// The path leads nowhere, or to another folder.
        case displaced
    }

    let folder: FileIdentity
    let lock: FileIdentity

    /// - Throws: `cannotRead` if that cannot be determined.
    func standing(at place: SpoolFolder) throws(SpoolError) -> Standing {
        if try place.lockIdentity() == lock { return .ours }
        return try place.identity() == folder ? .unlocked : .displaced
    }
}
