// SPDX-License-Identifier: Apache-2.0

/// A PostgreSQL for one run of tests or of a bench, in its own folder that is deleted afterwards. On a unix socket in
/// that folder, unless its settings say otherwise. Run as `postgres` if started by root.
package struct ThrowawayCluster: Sendable {
    package enum StopMode: String, Sendable {
        /// Clients are cut off, and everything is written.
        case fast
        /// Like a crash: nothing is written, nobody is notified.
        case immediate
    }

    package let folder: String
    private let user: ClusterUser
    private let programs: PostgresPrograms

    /// Takes over an existing folder, whether it contains a cluster or not.
    /// - Parameter folder: an absolute path without white space; short, as a socket's path is limited to 107 bytes.
    package init(in folder: String) async throws(ClusterError) {
        self.folder = folder
        user = ClusterUser.current.id == 0 ? try .service() : .current
        programs = try await PostgresPrograms.find(version: nil, data: folder + "/data")
    }

    /// The folder with PostgreSQL's own programs.
    package static func programFolder() async throws(ClusterError) -> String {
        try await PostgresPrograms.find(version: nil, data: "").folder
    }

    /// For libpq.
    package var dataSource: String { "host=\(folder) port=5432 user=postgres dbname=postgres" }

    /// What the server has logged.
    package var log: String { FileSystem.text(folder + "/log") ?? "" }

    /// Creates the cluster, with a superuser `postgres` that is trusted.
    /// - Parameters:
    ///   - settings: lines of `postgresql.conf`.
    ///   - isSynced: whether it must survive a machine crash.
    package func make(_ settings: [String], isSynced: Bool = true) async throws(ClusterError) {
        try FileSystem.give(folder, to: user)
        let arguments = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-locale"]
        try await run("initdb", arguments + (isSynced ? [] : ["--no-sync"]))
        try configure(["listen_addresses = ''", "unix_socket_directories = '\(folder)'"] + settings)
    }

    /// Adds settings, which take effect at the next start or `reload`. Of two with the same name, the later one counts.
    package func configure(_ settings: [String]) throws(ClusterError) {
        try FileSystem.append(settings.map { $0 + "\n" }.joined(), to: folder + "/data/postgresql.auto.conf")
    }

    /// Starts the server and waits until it accepts connections.
    package func start() async throws(ClusterError) {
        try await control(["start", "--wait", "--timeout=120", "--log=log"])
    }

    package func restart() async throws(ClusterError) {
        try await control(["restart", "--wait", "--mode=fast", "--log=log"])
    }

    package func reload() async throws(ClusterError) { try await control(["reload"]) }

    /// From standby to primary.
    package func promote() async throws(ClusterError) { try await control(["promote", "--wait"]) }

    /// Waits until it has stopped; does nothing if none is running.
    package func stop(_ mode: StopMode) async throws(ClusterError) {
        guard try FileSystem.status(folder + "/data/postmaster.pid") != nil else { return }
        try await control(["stop", "--mode=\(mode.rawValue)"])
    }

    /// Deletes the data, if there is any: another cluster can be created in the same folder.
    package func clear() throws(ClusterError) {
        try FileSystem.give(folder, to: user)
        try FileSystem.remove(folder + "/data")
    }

    private func control(_ arguments: [String]) async throws(ClusterError) {
        try await run("pg_ctl", arguments)
    }

    /// Runs one of PostgreSQL's own programs in the folder, on the cluster's data.
    package func run(_ program: String, _ arguments: [String]) async throws(ClusterError) {
        let ended = try await user.run(
            programs.folder + "/" + program, arguments, in: folder, dataDirectory: "data", ownsSession: false)
        guard ended.succeeded else {
            throw ClusterError("\(program) in \(folder)", output: ended.output + "\n" + log.suffix(4_000))
        }
    }
}
