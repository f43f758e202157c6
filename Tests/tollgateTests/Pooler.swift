// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport

/// A pgbouncer of our own in front of the tests' PostgreSQL.
enum Pooler {
    static let program = "/usr/sbin/pgbouncer"

    static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: program) }

    /// - Parameter body: given the libpq keyword string of the database behind it.
    static func with(mode: String, of database: TestDatabase, _ body: (String) async throws -> Void) async throws {
        let folder = "/tmp/tollgate-pooler-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o777])
        defer { try? FileManager.default.removeItem(atPath: folder) }
        chmod(folder, 0o777)
        let server = try socketFolder(of: database)
        let file = "\(folder)/pgbouncer.ini"
        try """
        [databases]
        * = host=\(server) port=5432 user=postgres
        [pgbouncer]
        listen_addr =
        listen_port = 6432
        unix_socket_dir = \(folder)
        auth_type = any
        pool_mode = \(mode)
        logfile = \(folder)/log
        """.write(toFile: file, atomically: false, encoding: .utf8)
        try await OtherProgram.with(program, ["--quiet"] + owner(of: server) + [file]) {
            try await eventually("a pgbouncer") {
                FileManager.default.fileExists(atPath: "\(folder)/.s.PGSQL.6432") ? true : nil
            }
            try await body("host=\(folder) port=6432 user=postgres dbname=\(database.name)")
        }
    }

    private struct NoSocket: Error {}

    private static func socketFolder(of database: TestDatabase) throws -> String {
        let word = database.url.split(separator: " ").first { $0.hasPrefix("host=/") }
        guard let word else { throw NoSocket() }
        return String(word.dropFirst("host=".count))
    }

    /// pgbouncer refuses to run as root, and must be able to enter the server's folder.
    private static func owner(of folder: String) throws -> [String] {
        guard geteuid() == 0 else { return [] }
        let name = try FileManager.default.attributesOfItem(atPath: folder)[.ownerAccountName] as? String
        return ["--user=\(name ?? "nobody")"]
    }
}
