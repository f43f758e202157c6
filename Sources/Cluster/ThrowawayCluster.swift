// SPDX-License-Identifier: Apache-2.0

/// A PostgreSQL for one run of tests or of a bench, in a folder of its own that is deleted afterwards. On a unix socket in
/// that folder, unless its settings say otherwise. As `postgres`, where it is started by root.
package struct ThrowawayCluster: Sendable {
    package enum StopMode: String, Sendable {
        /// Clients are cut off, and everything is written.
        case fast
        /// As a crash: nothing is written, nobody is told.
        case immediate
    }

    package let folder: String
    private let user: ClusterUser
    private let programs: PostgresPrograms

    /// Takes over a folder that exists, whether it holds a cluster or not.
    /// - Parameter folder: an absolute path without white space; short, as that of a socket ends at 107 bytes.
    package init(in folder: String) async throws(ClusterError) {
        self.folder = folder
        user = ClusterUser.current.id == 0 ? try .service() : .current
        programs = try await PostgresPrograms.find(version: nil, data: folder + "/data")
    }

    /// The folder of PostgreSQL's own programs.
    package static func programFolder() async throws(ClusterError) -> String {
        try await PostgresPrograms.find(version: nil, data: "").folder
    }

    /// For libpq.
    package var dataSource: String { "host=\(folder) port=5432 user=postgres dbname=postgres" }

    /// What the server has logged.
    package var log: String { FileSystem.text(folder + "/log") ?? "" }

    /// Makes the cluster, with a superuser `postgres` whom it trusts.
    /// - Parameters:
    ///   - settings: lines of `postgresql.conf`.
    ///   - isSynced: whether it shall outlive a crash of the machine.
    package func make(_ settings: [String], isSynced: Bool = true) async throws(ClusterError) {
        try FileSystem.give(folder, to: user)
        let arguments = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-locale"]
        try await run("initdb", arguments + (isSynced ? [] : ["--no-sync"]))
        try configure(["listen_addresses = ''", "unix_socket_directories = '\(folder)'"] + settings)
    }

    /// Adds settings, which count from the next start on, or from `reload`. Of two of one name the later counts.
    package func configure(_ settings: [String]) throws(ClusterError) {
        try FileSystem.append(settings.map { $0 + "\n" }.joined(), to: folder + "/data/postgresql.auto.conf")
    }

    /// Waits until it takes connections.
    package func start() async throws(ClusterError) {
        try await control(["start", "--wait", "--timeout=120", "--log=log"])
    }

    package func restart() async throws(ClusterError) {
        try await control(["restart", "--wait", "--mode=fast", "--log=log"])
    }

    package func reload() async throws(ClusterError) { try await control(["reload"]) }

    /// From standby to primary.
    package func promote() async throws(ClusterError) { try await control(["promote", "--wait"]) }

    /// Waits for its end; where none runs, nothing happens.
    package func stop(_ mode: StopMode) async throws(ClusterError) {
        guard try FileSystem.status(folder + "/data/postmaster.pid") != nil else { return }
        try await control(["stop", "--mode=\(mode.rawValue)"])
    }

    /// Deletes the data, where there are any: another cluster can be made in the same folder.
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
