// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import TestSupport
import Testing

/// What a `Type=notify` service reports to systemd.
@Suite struct ServiceManagerTests {
    /// The socket that systemd listens on.
    private final class NotifySocket {
        let address: String
        private let descriptor: Int32

        /// - Parameter address: a path, or `@` and a name.
        init(_ address: String) throws {
            self.address = address
            descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
            var name = sockaddr_un()
            name.sun_family = sa_family_t(AF_UNIX)
            var path = Array(address.utf8)
            if path[0] == UInt8(ascii: "@") { path[0] = 0 }
            withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path) }
            let length = socklen_t(MemoryLayout<sa_family_t>.size + path.count)
            let result = withUnsafePointer(to: &name) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
            }
            guard result == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        }

        deinit { close(descriptor) }

        /// The next datagram; nil while there is none.
        func next() -> String? {
            var bytes = [UInt8](repeating: 0, count: 4096)
            let count = recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
            return count < 0 ? nil : String(decoding: bytes[..<count], as: UTF8.self)
        }
    }

    @Test func `systemd hears that a server is ready once both listeners listen, and that it stops`() async throws {
        try await TestDatabase.with { database in
            try await TemporaryFolder.with { folder in
                for address in ["\(folder)/notify", "@tollgate-test-\(UInt64.random(in: .min ... .max))"] {
                    let socket = try NotifySocket(address)
                    try await RunningServer.with(database.url, environment: ["NOTIFY_SOCKET": address]) { server in
                        let first = try await eventually("a word of \(address)") { socket.next() }
                        #expect(first == "READY=1")
                        #expect(try await server.get("/readyz", token: nil).status == 200)
                        #expect(socket.next() == nil)
                        server.program.send(SIGTERM)
                        let last = try await eventually("a last word of \(address)") { socket.next() }
                        #expect(last == "STOPPING=1")
                        #expect(try await server.program.ended().code == 0)
                        #expect(socket.next() == nil)
                    }
                }
            }
        }
    }

    @Test func `a notify socket that nobody reads or that is none does not hold up the start`() async throws {
        try await TestDatabase.with { database in
            for address in ["/nonexistent/notify", "vsock:2:1234", "/" + String(repeating: "x", count: 200)] {
                try await RunningServer.with(database.url, environment: ["NOTIFY_SOCKET": address]) { server in
                    let line = try await server.program.logged("systemd cannot be told")
                    #expect(line.level == "warning")
                }
            }
        }
    }
}
