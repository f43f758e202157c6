// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Why the spool refused. Carries paths and the system's own messages, never a payload.
package enum SpoolError: Error, Sendable, Hashable {
    /// Another process, or another `Spool` in this one, holds the directory's lock.
    case inUse(directory: String)
    /// The directory cannot be made, locked or written to at all.
    case cannotOpen(path: String, reason: String)
    /// Somebody else could put files into the directory, which would then be taken for events.
    case unsafe(path: String, reason: String)
    /// A file among Tollgate's own that cannot be one of them; it is not read.
    case foreign(path: String, reason: String)
    case cannotRead(path: String, reason: String)
    /// The folder that was opened is no longer at its path, or its lock file is no longer in it.
    case displaced(path: String)
    /// What should have been written is not durable.
    case cannotWrite(path: String, reason: String)
    /// - Parameter limit: in bytes.
    case full(limit: Int)
    /// A payload over `SpooledRecord.payloadLimit` bytes.
    case tooLarge(bytes: Int)
    /// The segment is not one that this spool handed out, or it is already gone.
    case unknownSegment(name: String)
    case closed
}

extension SpoolError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .inUse(let directory):
            "spool \(directory) is in use by another process, which drains it: stop that one, or give this one its own "
                + "directory"
        case .cannotOpen(let path, let reason):
            "spool cannot be opened: \(path): \(reason): give Tollgate a directory that it may write to"
        case .unsafe(let path, let reason):
            "spool refuses \(path): \(reason): it must belong to the user that Tollgate runs as, and only that user may write "
                + "to it (chmod 700); or name a folder below it that does not exist yet, and Tollgate creates it that way"
        case .foreign(let path, let reason):
            "spool does not read \(path): \(reason): find out who put it there"
        case .cannotRead(let path, let reason):
            "spool cannot read \(path): \(reason): check the disk and the file's owner"
        case .displaced(let path):
            "spool \(path) is no longer the folder that was opened: it was moved, replaced or unmounted, or its lock "
                + "was removed: put back what was there; new events go into what is there now"
        case .cannotWrite(let path, let reason):
            if [ENOSPC, EDQUOT].contains(where: { String(cString: strerror($0)) == reason }) {
                "spool cannot write \(path): \(reason): free disk space"
            } else {
                "spool cannot write \(path): \(reason): check the disk, and that the folder is there and Tollgate's own"
            }
        case .full(let limit):
            "spool is full (\(limit) bytes): bring PostgreSQL back so that it drains, or raise the limit"
        case .tooLarge(let bytes):
            "spool accepts no payload of \(bytes) bytes: the most is \(SpooledRecord.payloadLimit)"
        case .unknownSegment(let name):
            "spool has no sealed segment \(name) as it was read: read the oldest segment again"
        case .closed:
            "spool is closed: open it again"
        }
    }
}
