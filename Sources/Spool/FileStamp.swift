// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A file's state at one moment: writing to the file or changing its owner changes the stamp.
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

    /// The stamp of what is at the path (a link is not followed); nil if nothing is there.
    /// - Throws: `cannotRead` if that cannot be determined.
    static func at(_ path: String) throws(SpoolError) -> FileStamp? {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw .cannotRead(path: path, reason: OpenFile.systemError)
        }
        return FileStamp(status)
    }
}
