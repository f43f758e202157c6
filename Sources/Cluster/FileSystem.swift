// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc

/// The few file operations that Foundation does not offer, with errors that a person can read.
enum FileSystem {
    enum Kind { case folder, link, other }

    struct Status {
        let kind: Kind
        let owner: ClusterUser
        /// Permission bits only.
        let mode: mode_t
    }

    /// What is at a path, without following links; nil if nothing is.
    static func status(_ path: String) throws(ClusterError) -> Status? {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            if errno == ENOENT { return nil }
            throw ClusterError("\(path) cannot be examined: \(systemError)")
        }
        let kind: Kind =
            switch status.st_mode & S_IFMT {
            case S_IFDIR: .folder
            case S_IFLNK: .link
            default: .other
            }
        return Status(
            kind: kind, owner: ClusterUser(id: status.st_uid, group: status.st_gid), mode: status.st_mode & 0o7777)
    }

    /// Creates one new folder with exactly this mode, whatever the umask.
    static func makeFolder(_ path: String, mode: mode_t, owner: ClusterUser) throws(ClusterError) {
        guard mkdir(path, mode) == 0, chmod(path, mode) == 0,
            owner == .current || lchown(path, owner.id, owner.group) == 0
        else {
            throw ClusterError("\(path) cannot be made: \(systemError)")
        }
    }

    /// Hands a folder over to another user.
    static func give(_ path: String, to owner: ClusterUser) throws(ClusterError) {
        guard owner == .current || lchown(path, owner.id, owner.group) == 0 else {
            throw ClusterError("\(path) cannot be given to user \(owner.id): \(systemError)")
        }
    }

    /// Appends to an existing file, which keeps its owner.
    static func append(_ text: String, to path: String) throws(ClusterError) {
        let descriptor = open(path, O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw ClusterError("\(path) cannot be opened: \(systemError)") }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
            throw ClusterError("\(path) cannot be written: \(systemError)")
        }
    }

    /// A folder that only its user may enter, created if it is missing.
    ///
    /// The place may be open to all (`/tmp`): a folder or link that somebody else put there is refused, not used.
    static func ensurePrivateFolder(_ path: String, owner: ClusterUser) throws(ClusterError) {
        guard let found = try status(path) else { return try makeFolder(path, mode: 0o700, owner: owner) }
        guard found.kind == .folder, found.owner.id == owner.id, found.mode & 0o077 == 0 else {
            throw ClusterError(
                "\(path) is not a private folder of user \(owner.id): remove it, then start `tollgate dev` again")
        }
    }

    /// Removes a file, or a folder with all its contents; a missing one counts as removed.
    static func remove(_ path: String) throws(ClusterError) {
        guard try status(path) != nil else { return }
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            throw ClusterError("\(path) cannot be removed: \(reason(error))")
        }
    }

    static func rename(_ path: String, to newPath: String) throws(ClusterError) {
        guard Glibc.rename(path, newPath) == 0 else {
            throw ClusterError("\(path) cannot be renamed to \(newPath): \(systemError)")
        }
    }

    /// The names in a folder; none if it cannot be read.
    static func names(in folder: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    }

    /// A small text file; nil if it cannot be read.
    static func text(_ path: String) -> String? {
        (try? Data(contentsOf: URL(filePath: path))).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Overwrites an existing file, which keeps its owner.
    static func write(_ text: String, to path: String) throws(ClusterError) {
        do {
            try Data(text.utf8).write(to: URL(filePath: path))
        } catch {
            throw ClusterError("\(path) cannot be written: \(reason(error))")
        }
    }

    /// The path with all links resolved; nil if nothing is there.
    static func realPath(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    static func linkDestination(_ path: String) -> String? {
        try? FileManager.default.destinationOfSymbolicLink(atPath: path)
    }

    /// The cause of a Foundation error, which itself prints over half a page.
    static func reason(_ error: any Error) -> String {
        let cause = (error as? CocoaError)?.userInfo["NSUnderlyingError"] as? POSIXError
        return cause.map { String(cString: strerror($0.code.rawValue)) } ?? "\(error)"
    }

    /// The error message of the last failed system call.
    static var systemError: String { String(cString: strerror(errno)) }
}
