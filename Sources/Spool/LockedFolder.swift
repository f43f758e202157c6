// SPDX-License-Identifier: Apache-2.0

/// The folder that was at the spool's path when its lock was taken. While a server runs it may be moved, replaced or
/// unmounted, or a cleanup may delete its lock file: nobody would then find what is written here.
struct LockedFolder: ~Copyable {
    let mark: FolderMark
    /// Held for as long as this value lives.
    private let lock: OpenFile

    /// Creates what is missing.
    /// - Parameter waits: whether to wait a moment for a process that is just exiting.
    /// - Throws: `inUse`, `unsafe`, `cannotOpen`, `cannotRead`, `cannotWrite`.
    static func take(_ folder: SpoolFolder, waits: Bool) throws(SpoolError) -> LockedFolder {
        try folder.make()
        try folder.checkOwner()
        let lock = try folder.lock(waits: waits)
        try folder.checkWritable()
        try folder.removeIncompleteFiles()
        guard let identity = try folder.identity() else { throw .displaced(path: folder.path) }
        let mark = FolderMark(folder: identity, lock: try lock.identity())
        // It may have been removed or moved away just as it was locked.
        guard try mark.standing(at: folder) == .ours else { throw .displaced(path: folder.path) }
        return LockedFolder(mark, lock)
    }

    private init(_ mark: FolderMark, _ lock: consuming OpenFile) {
        self.mark = mark
        self.lock = lock
    }
}
