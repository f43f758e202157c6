// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Which file it is, whatever name leads to it.
struct FileIdentity: Sendable, Hashable {
    private let device: UInt64
    private let inode: UInt64

    init(_ status: stat) {
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
    }

    /// Of what lies at the path, of a link the link's own; nil where nothing does.
    /// - Throws: `cannotRead` where that cannot be told.
    static func at(_ path: String) throws(SpoolError) -> FileIdentity? {
        try FileStamp.at(path)?.identity
    }
}
