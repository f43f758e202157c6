// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization

/// Keeps a second `tollgate dev` out of a folder.
///
/// The kernel releases the lock when the process ends, however it ends. It is not tied to this object's lifetime: Swift
/// may end that right after its last use.
final class FolderLock: Sendable {
    private let descriptor: Mutex<Int32?>

    init(_ folder: String) throws(ClusterError) {
        let path = folder + "/lock"
        // O_CLOEXEC: a cluster that outlives Tollgate must not keep the lock.
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw ClusterError(
                "\(path) cannot be opened (\(FileSystem.systemError)): run `tollgate dev` as the user who first ran it here"
            )
        }
        // An earlier version's was open to all, and whoever can open it can hold the lock.
        fchmod(descriptor, 0o600)
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let reason =
                errno == EWOULDBLOCK ? "another `tollgate dev` uses it, stop that one first" : FileSystem.systemError
            close(descriptor)
            throw ClusterError("\(folder) cannot be locked: \(reason)")
        }
        self.descriptor = Mutex(descriptor)
    }

    /// Lets the next process in. Idempotent.
    func release() {
        descriptor.withLock { descriptor in
            if let open = descriptor { close(open) }
            descriptor = nil
        }
    }
}
