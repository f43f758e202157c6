// SPDX-License-Identifier: Apache-2.0

/// The folder that lay at the spool's path when its lock was taken. It may be moved away, replaced or unmounted while a
/// server runs, and its lock file be removed by a tidy-up: what is then written here is found by nobody.
struct LockedFolder: ~Copyable {
    let mark: FolderMark
    /// Held for as long as this value lives.
    private let lock: OpenFile

    /// Makes what is missing.
    /// - Parameter isPatient: whether to wait a moment for a process that is just ending.
    /// - Throws: `inUse`, `unsafe`, `cannotOpen`, `cannotRead`, `cannotWrite`.
    static func take(_ folder: SpoolFolder, isPatient: Bool) throws(SpoolError) -> LockedFolder {
        try folder.make()
        try folder.checkOwner()
        let lock = try folder.lock(isPatient: isPatient)
        try folder.checkWritable()
        try folder.removeIncompleteFiles()
        guard let identity = try folder.identity() else { throw .displaced(path: folder.path) }
        let mark = FolderMark(folder: identity, lock: try lock.identity())
        // Locked in the very moment in which it was removed or moved away.
        guard try mark.standing(at: folder) == .ours else { throw .displaced(path: folder.path) }
        return LockedFolder(mark, lock)
    }

    private init(_ mark: FolderMark, _ lock: consuming OpenFile) {
        self.mark = mark
        self.lock = lock
    }
}
