import Foundation
import Glibc
import Postgres
import TestSupport

/// A PostgreSQL cluster that a test may break: its own processes, on loopback.
final class FaultCluster: Sendable {
    let folder: String
    let port: Int

    private var data: String { "\(folder)/data" }

    /// For whoever connects past all proxies.
    var url: String { url(port: port) }

    func url(port: Int) -> String { "host=127.0.0.1 port=\(port) user=postgres dbname=postgres" }

    static func with(_ settings: [String] = [], _ body: (FaultCluster) async throws -> Void) async throws {
        try await withEmpty { cluster in
            try await cluster.make(settings)
            try await cluster.start()
            try await body(cluster)
        }
    }

    /// One that holds nothing yet: to become a standby.
    static func withEmpty(_ body: (FaultCluster) async throws -> Void) async throws {
        let cluster = try FaultCluster()
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(cluster))
        } catch {
            print(cluster.log.suffix(4000))
            result = .failure(error)
        }
        // Whatever state it was left in.
        _ = try await cluster.owned("pg_ctl", "stop", "-D", cluster.data, "-m", "immediate")
        try FileManager.default.removeItem(atPath: cluster.folder)
        try result.get()
    }

    private init() throws {
        folder = "/tmp/tollgate-fault-\(UInt32.random(in: .min ... .max))"
        port = try FreePort.find()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    }

    /// Forgets what it held, and follows another cluster.
    func follow(_ primary: FaultCluster) async throws {
        try await own()
        try? FileManager.default.removeItem(atPath: data)  // the first time there is nothing
        try await ownedCheck(
            "pg_basebackup", "-h", "127.0.0.1", "-p", "\(primary.port)", "-U", "postgres", "-D", data, "-R", "-X",
            "stream", "-c", "fast")
        let file = try FileHandle(forUpdating: URL(filePath: "\(data)/postgresql.auto.conf"))
        try file.seekToEnd()
        // Of two settings of one name the later counts.
        try file.write(contentsOf: Data("port = \(port)\nunix_socket_directories = '\(folder)'\n".utf8))
        try file.close()
        try await start()
    }

    /// From standby to primary.
    func promote() async throws {
        try await ownedCheck("pg_ctl", "promote", "-w", "-D", data)
    }

    private func own() async throws {
        if getuid() == 0 { try await Shell.check("chown", "postgres", folder) }
    }

    func make(_ settings: [String]) async throws {
        try await own()
        try await ownedCheck("initdb", "-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--no-locale")
        let lines = [
            "port = \(port)", "listen_addresses = '127.0.0.1'", "unix_socket_directories = '\(folder)'",
            "max_connections = 60",
        ]
        let text = (lines + settings).joined(separator: "\n") + "\n"
        let configuration = "\(data)/postgresql.auto.conf"
        try text.write(toFile: configuration, atomically: false, encoding: .utf8)
    }

    func start() async throws {
        try await ownedCheck("pg_ctl", "start", "-w", "-D", data, "-l", "\(folder)/log")
    }

    /// As a crash: nothing is flushed, nobody is told.
    func crash() async throws {
        try await ownedCheck("pg_ctl", "stop", "-D", data, "-m", "immediate")
    }

    /// - Parameter name: of the standby that each commit waits for; none where it is empty.
    func demandStandby(_ name: String) async throws {
        let file = try FileHandle(forUpdating: URL(filePath: "\(data)/postgresql.auto.conf"))
        try file.seekToEnd()
        try file.write(contentsOf: Data("synchronous_standby_names = '\(name)'\n".utf8))
        try file.close()
        try await ownedCheck("pg_ctl", "reload", "-D", data)
    }

    func restart() async throws {
        try await ownedCheck("pg_ctl", "restart", "-w", "-D", data, "-m", "fast", "-l", "\(folder)/log")
    }

    var log: String { (try? String(contentsOfFile: "\(folder)/log", encoding: .utf8)) ?? "" }

    /// Runs `body` in one transaction, past all of Tollgate.
    func query<T: Sendable>(_ body: @Sendable @escaping (Connection) throws -> T) async throws -> T {
        try await TestDatabase.transaction(on: DataSource(url), body)
    }

    private static let programs: String = {
        let root = "/usr/lib/postgresql"
        let versions = ((try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []).sorted {
            $0.compare($1, options: .numeric) == .orderedAscending
        }
        return versions.last.map { "\(root)/\($0)/bin" } ?? "/usr/bin"
    }()

    private func owned(_ program: String, _ arguments: String...) async throws -> Shell.Ended {
        try await run(program, arguments)
    }

    private func ownedCheck(_ program: String, _ arguments: String...) async throws {
        let ended = try await run(program, arguments)
        guard ended.code == 0 else { throw Shell.Failed(description: "\(program): \(ended.output)") }
    }

    /// PostgreSQL refuses to run as root.
    private func run(_ program: String, _ arguments: [String]) async throws -> Shell.Ended {
        let command = ["\(Self.programs)/\(program)"] + arguments
        guard getuid() == 0 else { return try await Shell.run(command) }
        return try await Shell.run(
            ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"] + command)
    }
}
