// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A file as it was at one moment: whoever writes to it, or gives it away, changes it.
struct FileStamp: Sendable, Hashable {
    let identity: FileIdentity
    /// In bytes.
    let size: Int
    private let changedAt: [Int]

    init(_ status: stat) {
        identity = FileIdentity(status)
        size = Int(status.st_size)
        changedAt = [status.st_ctim.tv_sec, status.st_ctim.tv_nsec]
    }

    /// Of what lies at the path, of a link the link's own; nil where nothing does.
    /// - Throws: `cannotRead` where that cannot be told.
    static func at(_ path: String) throws(SpoolError) -> FileStamp? {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw .cannotRead(path: path, reason: OpenFile.systemError)
        }
        return FileStamp(status)
    }
}
