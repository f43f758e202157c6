// SPDX-License-Identifier: Apache-2.0

import Glibc

/// An open file, closed when this value is destroyed. Every call blocks.
struct OpenFile: ~Copyable {
    enum Purpose {
        case read
        case change
        /// Creates the file, which must not exist.
        case create
        /// Creates or empties the file.
        case overwrite
        /// Creates the file if it is missing.
        case lock

        fileprivate var flags: Int32 {
            switch self {
            case .read: O_RDONLY
            case .change: O_WRONLY
            case .create: O_WRONLY | O_CREAT | O_EXCL
            case .overwrite: O_WRONLY | O_CREAT | O_TRUNC
            case .lock: O_RDWR | O_CREAT
            }
        }
    }

    /// The error message of the last failed system call.
    static var systemError: String { String(cString: strerror(errno)) }

    private let path: String
    private let descriptor: Int32

    /// Nil if the system refuses; `errno` says why.
    init?(_ path: String, for purpose: Purpose) {
        // O_CLOEXEC: a child process must not keep the lock. O_NOFOLLOW: no link may redirect what is written.
        // O_NONBLOCK: opening a pipe of that name must not wait for its other end; for files it changes nothing.
        descriptor = open(path, purpose.flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
        guard descriptor >= 0 else { return nil }
        self.path = path
    }

    deinit {
        // Whatever must be durable has been fsynced, so a failing close can lose nothing.
        close(descriptor)
    }

    /// - Throws: `cannotWrite`; some of the bytes may then be in the file.
    func write(_ bytes: [UInt8], at offset: Int = 0) throws(SpoolError) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                pwrite(descriptor, buffer.baseAddress.map { $0 + written }, buffer.count - written, offset + written)
            }
            if count > 0 {
                written += count
            } else if count == 0 || errno != EINTR {
                throw .cannotWrite(path: path, reason: count == 0 ? "nothing was written" : Self.systemError)
            }
        }
    }

    /// - Throws: `cannotWrite`.
    func sync() throws(SpoolError) {
        guard fsync(descriptor) == 0 else { throw .cannotWrite(path: path, reason: Self.systemError) }
    }

    /// - Throws: `cannotWrite`.
    func truncate(to length: Int) throws(SpoolError) {
        guard ftruncate(descriptor, length) == 0 else { throw .cannotWrite(path: path, reason: Self.systemError) }
    }

    /// - Throws: `cannotRead`.
    func identity() throws(SpoolError) -> FileIdentity {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .cannotRead(path: path, reason: Self.systemError) }
        return FileIdentity(status)
    }

    /// Why the file cannot be trusted to be one of Tollgate's own; nil if it can.
    /// - Parameters:
    ///   - owner: the user it must belong to.
    ///   - limit: in bytes.
    /// - Throws: `cannotRead`.
    func foreignReason(owner: uid_t, limit: Int) throws(SpoolError) -> String? {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .cannotRead(path: path, reason: Self.systemError) }
        if status.st_mode & S_IFMT != S_IFREG { return "it is not a regular file" }
        if status.st_uid != owner { return "it belongs to user \(status.st_uid), the folder to user \(owner)" }
        if status.st_mode & S_IWOTH != 0 { return "everybody may write to it" }
        return status.st_size > limit ? "it has \(status.st_size) bytes, Tollgate's own at most \(limit)" : nil
    }

    /// - Throws: `cannotRead`.
    func readAll() throws(SpoolError) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count > 0 {
                bytes.append(contentsOf: chunk[..<count])
            } else if count == 0 {
                return bytes
            } else if errno != EINTR {
                throw .cannotRead(path: path, reason: Self.systemError)
            }
        }
    }

    /// Locks the file until it is closed, however the process ends. Nil on success, else the `errno`.
    /// - Parameter waits: whether to wait up to a second for a process that is just exiting, or for a child that
    ///   has not called exec yet.
    func lock(waits: Bool) -> Int32? {
        for _ in 0..<(waits ? 100 : 0) where flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK else { return errno }
            usleep(10_000)
        }
        return flock(descriptor, LOCK_EX | LOCK_NB) == 0 ? nil : errno
    }
}
