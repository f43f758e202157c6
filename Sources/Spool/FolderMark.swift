// SPDX-License-Identifier: Apache-2.0

/// By what a locked folder is known again.
struct FolderMark: Sendable, Hashable {
    enum Standing {
        /// The path leads to it, and its lock is held.
        case ours
        /// The path leads to it, but what was locked is not its lock any more: another process may be at work in it.
        case unlocked
        /// The path leads nowhere, or to another folder.
        case displaced
    }

    let folder: FileIdentity
    let lock: FileIdentity

    /// - Throws: `cannotRead` where that cannot be told.
    func standing(at place: SpoolFolder) throws(SpoolError) -> Standing {
        if try place.lockIdentity() == lock { return .ours }
        return try place.identity() == folder ? .unlocked : .displaced
    }
}
