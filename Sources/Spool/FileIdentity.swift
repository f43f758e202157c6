// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Identifies a file, whatever name leads to it.
struct FileIdentity: Sendable, Hashable {
    private let device: UInt64
    private let inode: UInt64

    init(_ status: stat) {
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
    }

    /// The identity of what is at the path (a link is not followed); nil if nothing is there.
    /// - Throws: `cannotRead` if that cannot be determined.
    static func at(_ path: String) throws(SpoolError) -> FileIdentity? {
        try FileStamp.at(path)?.identity
    }
}
