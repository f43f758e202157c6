// SPDX-License-Identifier: Apache-2.0

import Cluster
import Foundation
import Postgres
import TestSupport

/// A PostgreSQL cluster that a test may break: its own processes, on loopback.
final class FaultCluster: Sendable {
    let folder: String
    let port: Int
    private let cluster: ThrowawayCluster

    /// For connections that bypass all proxies.
    var url: String { url(port: port) }

    func url(port: Int) -> String { "host=127.0.0.1 port=\(port) user=postgres dbname=postgres" }

    static func with(_ settings: [String] = [], _ body: (FaultCluster) async throws -> Void) async throws {
        try await withEmpty { cluster in
            try await cluster.make(settings)
            try await cluster.start()
            try await body(cluster)
        }
    }

    /// An empty cluster, to become a standby.
    static func withEmpty(_ body: (FaultCluster) async throws -> Void) async throws {
        let folder = "/tmp/tollgate-fault-\(UInt32.random(in: .min ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        let cluster = try await FaultCluster(in: folder)
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(cluster))
        } catch {
            print(cluster.log.suffix(4000))
            result = .failure(error)
        }
        // Fails if the test has left it stopped.
        try? await cluster.crash()
        try FileManager.default.removeItem(atPath: folder)
        try result.get()
    }

    private init(in folder: String) async throws {
        self.folder = folder
        port = try FreePort.find()
        cluster = try await ThrowawayCluster(in: folder)
    }

    /// Replaces its data with a copy of another cluster, and follows that as a standby.
    func follow(_ primary: FaultCluster) async throws {
        try cluster.clear()
        try await cluster.run(
            "pg_basebackup",
            [
                "-h", "127.0.0.1", "-p", "\(primary.port)", "-U", "postgres", "-D", "data", "-R", "-X", "stream", "-c",
                "fast",
            ])
        try cluster.configure(["port = \(port)", "unix_socket_directories = '\(folder)'"])
        try await start()
    }

    /// Turns a standby into a primary.
    func promote() async throws { try await cluster.promote() }

    func make(_ settings: [String]) async throws {
        try await cluster.make(["port = \(port)", "listen_addresses = '127.0.0.1'", "max_connections = 60"] + settings)
    }

    func start() async throws { try await cluster.start() }

    /// Like a crash: nothing is flushed, and sessions end without a proper shutdown.
    func crash() async throws { try await cluster.stop(.immediate) }

    /// - Parameter name: the standby that each commit waits for; empty for none.
    func demandStandby(_ name: String) async throws {
        try cluster.configure(["synchronous_standby_names = '\(name)'"])
        try await cluster.reload()
    }

    func restart() async throws { try await cluster.restart() }

    var log: String { cluster.log }

    /// Runs `body` in one transaction, without Tollgate.
    func query<T: Sendable>(_ body: @Sendable @escaping (Connection) throws -> T) async throws -> T {
        try await TestDatabase.transaction(on: DataSource(url), body)
    }
}
