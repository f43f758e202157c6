// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The file that takes the secret of a webhook endpoint: it is there, empty and readable by nobody else, before the endpoint
/// is made. While it is empty, a call that was interrupted can be repeated.
package final class SecretFile: Sendable {
    package struct Fault: Error, CustomStringConvertible {
        package let description: String
    }

    package enum State: Sendable, Hashable {
        case absent
        /// Left by a call that was interrupted.
        case empty
        case full
    }

    package let path: String
    private let descriptor: Int32
    private let isNew: Bool

    /// - Throws: `Fault` if it is none of the three.
    package static func state(of path: String) throws(Fault) -> State {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            if errno == ENOENT { return .absent }
            throw fault(path, "cannot be looked at: \(systemError)")
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw fault(path, "is there already, and is no file") }
        return status.st_size == 0 ? .empty : .full
    }

    /// What it holds, without one trailing newline; nil if it cannot be read.
    package static func contents(of path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = read(descriptor, &bytes, bytes.count)
        guard count > 0 else { return nil }
        let text = String(decoding: bytes[..<count], as: UTF8.self)
        return text.last == "\n" ? String(text.dropLast()) : text
    }

    /// Makes it, or takes the empty one that an interrupted call has left.
    /// - Throws: `Fault` if it holds anything, cannot be made, or another call has it.
    package init(reserving path: String) throws(Fault) {
        self.path = path
        let made = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        isNew = made >= 0
        if !isNew, errno != EEXIST { throw Self.fault(path, "cannot be made: \(Self.systemError)") }
        descriptor = isNew ? made : open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Self.fault(path, "cannot be written: \(Self.systemError)") }
        do {
            try check()
        } catch {
            close(descriptor)
            throw error
        }
    }

    private func check() throws(Fault) {
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw Self.fault(path, "is held by another call of setup; wait for its end")
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw Self.fault(path, "cannot be looked at: \(Self.systemError)")
        }
        guard status.st_mode & S_IFMT == S_IFREG, status.st_size == 0 else {
            throw Self.fault(path, "holds something already, and is not overwritten: name a file that is not there yet")
        }
        guard status.st_uid == geteuid() else { throw Self.fault(path, "belongs to another user") }
        guard fchmod(descriptor, 0o600) == 0, fsync(descriptor) == 0 else {
            throw Self.fault(path, "cannot be kept from other users: \(Self.systemError)")
        }
        try syncFolder()
    }

    deinit { close(descriptor) }

    /// Durable when it returns.
    /// - Throws: `Fault`; it is empty then.
    package func write(_ secret: ShownSecret) throws(Fault) {
        let bytes = Array(secret.reveal().utf8)
        let written = Glibc.write(descriptor, bytes, bytes.count)
        if written == bytes.count, fsync(descriptor) == 0 { return }
        let reason = Self.systemError
        ftruncate(descriptor, 0)
        throw Self.fault(path, "cannot be written: \(reason)")
    }

    /// Removes it, if this call has made it and it is empty: nothing was made at Stripe.
    package func discard() {
        var status = stat()
        if isNew, fstat(descriptor, &status) == 0, status.st_size == 0 { unlink(path) }
    }

    /// The name is durable too.
    private func syncFolder() throws(Fault) {
        let folder = path.lastIndex(of: "/").map { path[..<path.index(after: $0)] } ?? "./"
        let descriptor = open(String(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.fault(path, "its folder cannot be read: \(Self.systemError)") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw Self.fault(path, "its folder cannot be kept: \(Self.systemError)") }
    }

    /// The error message of the last failed system call.
    private static var systemError: String { String(cString: strerror(errno)).lowercased() }

    private static func fault(_ path: String, _ reason: String) -> Fault { Fault(description: "\(path) \(reason)") }
}
