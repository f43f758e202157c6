// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import Logging

/// Tollgate's own PostgreSQL cluster for `tollgate dev`: unix socket only, started as a daemon in its own session, so
/// that Ctrl-C reaches Tollgate first. One that an earlier, killed Tollgate left running is adopted.
package struct PrivateCluster: Sendable {
    /// Where the data is: below the folder it was started in, unless the user who runs PostgreSQL cannot enter that.
    package let dataDirectory: String
    let socketDirectory: String
    let port: Int
    private let serverLog: String
    private let lock: FolderLock

    /// A libpq keyword string. The socket's folder never contains a character that would need quoting.
    package var dataSource: String { "host=\(socketDirectory) port=\(port) user=tollgate dbname=tollgate" }

    /// Creates the cluster if there is none yet, starts it if it is not running, and locks the folder against a second
    /// Tollgate until `stop` or the end of the process.
    ///
    /// - Parameter directory: an absolute path, created if missing; by convention it ends in `.tollgate`.
    package static func start(in directory: String, log: Logger) async throws(ClusterError) -> PrivateCluster {
        let folder = try ensureFolder(directory)
        let lock = try FolderLock(folder)
        do {
            let place = try await ClusterPlace.find(in: folder)
            let server = try await runningServer(of: place, log: log)
            return PrivateCluster(
                dataDirectory: place.data, socketDirectory: server.socketDirectory, port: server.port,
                serverLog: place.serverLog, lock: lock)
        } catch {
            lock.release()
            throw error
        }
    }

    /// Waits until the server has ended without being asked to: killed, or out of memory.
    package func untilServerEnds() async throws -> ClusterError {
        while Postmaster(dataDirectory: dataDirectory) != nil { try await Task.sleep(for: .milliseconds(500)) }
        return ClusterError(
            "PostgreSQL in \(dataDirectory) has ended by itself; start again, the data is still there (its log is "
                + "\(serverLog))")
    }

    /// Stops the server, waits for it to end and unlocks the folder. Clients that are still connected are cut off.
    package func stop() async throws(ClusterError) {
        defer { lock.release() }
        let data = dataDirectory
        // A separate task, because the caller's is often already cancelled and could not wait.
        let stopping = Task { () async -> ClusterError? in
            do throws(ClusterError) {
                try await Postmaster.stop(in: data)
                return nil
            } catch {
                return error
            }
        }
        if let error = await stopping.value { throw error }
    }

    /// Tells the server to stop as in a crash, and does not wait for it: for a process that ends at this moment.
    package func stopAtOnce() { Postmaster(dataDirectory: dataDirectory)?.stopAtOnce() }

    /// - Throws: if another Tollgate uses the folder.
    package static func checkIsFree(_ directory: String) throws(ClusterError) {
        guard let folder = FileSystem.realPath(directory) else { return }
        try FolderLock(folder).release()
    }

    /// Stops and deletes the cluster of a folder, wherever its data is; everything else in the folder stays.
    package static func remove(in directory: String) async throws(ClusterError) {
        guard let folder = FileSystem.realPath(directory) else { return }
        let lock = try FolderLock(folder)
        defer { lock.release() }
        for place in try ClusterPlace.all(in: folder) {
            try await place.remove()
        }
        // The link to data elsewhere.
        try FileSystem.remove(folder + "/postgres")
    }

    // MARK: - Steps

    private static func ensureFolder(_ directory: String) throws(ClusterError) -> String {
        let path = directory
        if FileSystem.realPath(path) == nil {
            let parent = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
            do {
                if !parent.isEmpty {
                    try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
                }
            } catch {
                throw ClusterError("\(path) cannot be made: \(FileSystem.reason(error))")
            }
            try FileSystem.makeFolder(path, mode: openness, owner: .current)
        }
        guard let folder = FileSystem.realPath(path), let found = try FileSystem.status(folder), found.kind == .folder
        else {
            throw ClusterError("\(path) cannot be entered: \(FileSystem.systemError)")
        }
        // An earlier version's folder was open to all.
        if found.owner.id == ClusterUser.current.id { chmod(folder, found.mode & openness) }
        return folder
    }

    /// Nobody else may look into the folder; but if PostgreSQL does not run as root, its user must pass through.
    private static var openness: mode_t { ClusterUser.current.id == 0 ? 0o711 : 0o700 }

    private static func runningServer(
        of place: ClusterPlace, log: Logger
    ) async throws(ClusterError) -> Postmaster {
        if let server = try await Postmaster.whenReady(in: place.data) {
            log.info("PostgreSQL is still running; taking it over", metadata: ["process": "\(server.process)"])
            return server
        }
        let version = FileSystem.text(place.data + "/PG_VERSION")?.prefix { $0 != "\n" }
        let programs = try await PostgresPrograms.find(version: version.map(String.init), data: place.data)
        if version == nil {
            log.info("making a PostgreSQL cluster", metadata: ["data": "\(place.data)"])
            try await make(place, with: programs, log: log)
        }
        return try await startServer(of: place, with: programs)
    }

    /// The data directory appears under its name only once complete, so half a cluster never counts as a whole one.
    private static func make(
        _ place: ClusterPlace, with programs: PostgresPrograms, log: Logger
    ) async throws(ClusterError) {
        // A new name every time: an `initdb` that outlived a killed Tollgate may still be writing to the old one.
        let draft = "draft-\(UInt32.random(in: 0 ... .max))"
        for name in FileSystem.names(in: place.home) where name.hasPrefix("draft-") {
            do {
                try FileSystem.remove("\(place.home)/\(name)")
            } catch {
                log.warning("a half-made cluster could not be removed", metadata: ["error": "\(error)"])
            }
        }
        // The command line never contains a path: PostgreSQL's programs build shell commands without quoting.
        let initdb = try await place.user.run(
            programs.initdb,
            ["--username=tollgate", "--auth=trust", "--encoding=UTF8", "--no-locale", "--data-checksums"],
            in: place.home, dataDirectory: draft)
        guard initdb.succeeded else {
            throw ClusterError("initdb made no cluster in \(place.home)", output: initdb.output)
        }
        // Without a server, so that a cluster whose data directory is in place also has its database.
        let database = try await place.user.run(
            "/bin/sh",
            [
                "-c", #"echo 'CREATE DATABASE tollgate' | "$0" --single -c exit_on_error=on postgres"#,
                programs.postgres,
            ],
            in: place.home, dataDirectory: draft)
        guard database.succeeded else {
            throw ClusterError("the database was not made in \(place.home)", output: database.output)
        }
        try FileSystem.rename("\(place.home)/\(draft)", to: place.data)
    }

    private static func startServer(
        of place: ClusterPlace, with programs: PostgresPrograms
    ) async throws(ClusterError) -> Postmaster {
        try Postmaster.forgetStale(in: place.data)
        let socketDirectory = try place.makeSocketDirectory()
        // Only a name for the socket, as there is no TCP port. The same in every run of a cluster, so that a noted one
        // stays valid, but different for each cluster: a server whose folder was deleted removes its socket when it
        // notices, and that must not be its successor's socket.
        let port = Postmaster.lastPort(in: place.data) ?? Int.random(in: 10_000...65_535)
        let options =
            "-k \(socketDirectory) -p \(port) -c listen_addresses= -c unix_socket_permissions=0700"
        // One earlier log is kept, so that they cannot grow for ever.
        if try FileSystem.status(place.serverLog) != nil {
            try FileSystem.rename(place.serverLog, to: place.serverLog + ".old")
        }
        let start = try await place.user.run(
            programs.pgCtl,
            ["start", "--wait", "--timeout=120", "--log=postgres.log", "--options=\(options)"],
            in: place.home, dataDirectory: "data")
        guard start.succeeded, let server = Postmaster(dataDirectory: place.data), server.isReady else {
            let log = FileSystem.text(place.serverLog) ?? ""
            throw ClusterError(
                "PostgreSQL did not start in \(place.data) (its log is \(place.serverLog))",
                output: log.isEmpty ? start.output : log)
        }
        return server
    }
}
