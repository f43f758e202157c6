// SPDX-License-Identifier: Apache-2.0

import CLibPQ
import Glibc

/// Asks libpq how it understands settings, without reaching any server.
enum ConnectionProbe {
    /// The settings together with the defaults, those of service files and those of the environment.
    /// - Returns: nil if a named service is not defined in any of the files.
    static func effective(_ conninfo: String) -> [String: String]? {
        // libpq reads everything, then rejects this value and goes no further. Giving a password keeps it from reading
        // the password file, about which it would write to standard error.
        let word = "none, only reading"
        let handle = start([("dbname", conninfo), ("password", "x"), ("sslmode", word)])
        defer { PQfinish(handle) }
        guard let handle else { return nil }
        let values = ConnectionSettings(of: handle).values
        return values["sslmode"] == word ? values : nil
    }

    /// Whether libpq would begin to connect with these values, wherever the server is: the attempt uses a socket of
    /// this process, on which nobody answers.
    static func isAccepted(_ values: [String: String]) -> Bool {
        guard let listener = Listener() else { return true }
        let place = [
            ("host", listener.host), ("hostaddr", ""), ("port", "5432"), ("password", "x"), ("dbname", "x"),
            ("service", ""), ("passfile", ""),
        ]
        let elsewhere = Set(place.map(\.0))
        let others = values.filter { !elsewhere.contains($0.key) }.map { ($0.key, $0.value) }
        let handle = start(others + place)
        defer { PQfinish(handle) }
        return PQstatus(handle) != CONNECTION_BAD
    }

    static func isReadable(_ path: String) -> Bool { access(path, R_OK) == 0 }

    static func isAddress(_ text: String) -> Bool {
        var address = in6_addr()
        return inet_pton(AF_INET, text, &address) == 1 || inet_pton(AF_INET6, text, &address) == 1
    }

    private static func start(_ options: [(String, String)]) -> OpaquePointer? {
        Session.withOptions(options) { PQconnectStartParams($0, $1, 1) }
    }

    /// An abstract socket, which is not a file and ends with this process.
    private final class Listener {
        let host = "@tollgate-\(getpid())-\(UInt64.random(in: 0 ... .max))"
        private let descriptor: Int32

        init?() {
            descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            guard descriptor >= 0 else { return nil }
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            // As libpq spells it; the @ stands for the NUL that makes a name abstract.
            let name = [0] + "\(host)/.s.PGSQL.5432".utf8.dropFirst()
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
            let length = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
            let isBound = withUnsafePointer(to: &address) { address in
                address.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) == 0 }
            }
            guard isBound, listen(descriptor, 8) == 0 else {
                close(descriptor)
                return nil
            }
        }

        deinit { close(descriptor) }
    }
}
