// SPDX-License-Identifier: Apache-2.0

import Glibc
import Logging

/// Tells systemd, if asked to (`Type=notify`), when startup is complete and when the stop begins.
struct ServiceManager: Sendable {
    /// A path, or `@` and a name without a file; nil if not asked for.
    private let address: String?
    private let logger: Logger

    /// - Parameter address: the value of `NOTIFY_SOCKET` from systemd.
    init(address: String?, logger: Logger) {
        self.address = address
        self.logger = logger
    }

    func ready() { tell("READY=1") }

    func stopping() { tell("STOPPING=1") }

    private func tell(_ state: String) {
        guard let address, !address.isEmpty else { return }
        guard Self.send(Array(state.utf8), to: address) else {
            logger.warning(
                "systemd cannot be told",
                metadata: ["state": "\(state)", "error": "\(String(cString: strerror(errno)))"])
            return
        }
    }

    private static func send(_ datagram: [UInt8], to address: String) -> Bool {
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        var path = Array(address.utf8)
        guard path[0] == UInt8(ascii: "/") || path[0] == UInt8(ascii: "@"),
            path.count < MemoryLayout.size(ofValue: name.sun_path)
        else {
            errno = EINVAL
            return false
        }
        if path[0] == UInt8(ascii: "@") { path[0] = 0 }
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path) }
        // A name without a file ends where its length says, not at a NUL.
        let length = socklen_t(MemoryLayout<sa_family_t>.size + path.count)

        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        // Not waited for: a receiver that does not read must not hold up the start.
        let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
        return withUnsafePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, datagram, datagram.count, flags, $0, length) == datagram.count
            }
        }
    }
}
