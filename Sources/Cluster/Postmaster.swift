// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc

/// A running PostgreSQL server, as its `postmaster.pid` describes it.
struct Postmaster: Sendable {
    let process: pid_t
    let port: Int
    /// Empty until the server has got that far.
    let socketDirectory: String
    let isReady: Bool

    /// The server that works in a data directory; nil if there is none.
    init?(dataDirectory: String) {
        // Lines: process, data directory, start time, port, socket directory, listen address, shared memory, status.
        let lines = (FileSystem.text(Self.file(in: dataDirectory)) ?? "")
            .split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 5, let process = pid_t(lines[0]), let port = Int(lines[3]) else { return nil }
        self.process = process
        self.port = port
        socketDirectory = String(lines[4])
        isReady = lines.count >= 8 && lines[7].hasPrefix("ready")
        guard isAlive else { return nil }
    }

    /// The process number alone proves nothing: after a machine crash, or in a restarted container, another process may
    /// have it. Port and socket directory are in our server's command line, and no two servers share them. (The link
    /// `/proc/…/cwd` would show it too, but root in a container may not read that of another user.)
    private var isAlive: Bool {
        guard process > 1, let text = FileSystem.text("/proc/\(process)/cmdline") else { return false }
        let arguments = text.split(separator: "\0")
        return arguments.first?.hasSuffix("postgres") == true && arguments.contains("\(port)")
            && (socketDirectory.isEmpty || arguments.contains { $0 == socketDirectory })
    }

    /// The server of a data directory once it accepts connections; nil if none is running (any more).
    static func whenReady(in dataDirectory: String) async throws(ClusterError) -> Postmaster? {
        // Crash recovery of a lot of data takes time.
        for _ in 0..<1200 {
            guard let found = Postmaster(dataDirectory: dataDirectory) else { return nil }
            if found.isReady { return found }
            try await pause()
        }
        throw ClusterError("PostgreSQL in \(dataDirectory) neither became ready nor ended within two minutes")
    }

    /// Stops the server of a data directory as `pg_ctl stop -m fast` does, and waits for it to end.
    static func stop(in dataDirectory: String) async throws(ClusterError) {
        guard let found = Postmaster(dataDirectory: dataDirectory) else { return }
        let name = "PostgreSQL (process \(found.process)) in \(dataDirectory)"
        guard kill(found.process, SIGINT) == 0 || errno == ESRCH else {
            throw ClusterError("\(name) cannot be stopped: \(FileSystem.systemError)")
        }
        for _ in 0..<600 {
            if !found.isAlive { return }
            try await pause()
        }
        throw ClusterError("\(name) did not stop within a minute")
    }

    /// Tells the server to stop as `pg_ctl stop -m immediate` does, without waiting for it: its next start recovers.
    func stopAtOnce() { kill(process, SIGQUIT) }

    /// Makes a `postmaster.pid` harmless if its process number now belongs to another program or to a zombie that
    /// nobody reaped: PostgreSQL would take that for a server and refuse to start.
    ///
    /// Only the number is replaced, not the file: with the rest of it PostgreSQL looks for survivors of the old server.
    static func forgetStale(in dataDirectory: String) throws(ClusterError) {
        let file = file(in: dataDirectory)
        var lines = (FileSystem.text(file) ?? "").split(separator: "\n", omittingEmptySubsequences: false)
        guard let process = lines.first.flatMap({ pid_t($0) }), process > 1, kill(process, 0) == 0,
            Postmaster(dataDirectory: dataDirectory) == nil
        else { return }
        // Above the highest possible process number.
        lines[0] = "99999999"
        try FileSystem.write(lines.joined(separator: "\n"), to: file)
    }

    /// The port of the server's last run, which PostgreSQL keeps in its data directory; nil before the first run.
    static func lastPort(in dataDirectory: String) -> Int? {
        // `/usr/lib/postgresql/15/bin/postgres "-k" "/folder" "-p" "23456" …`
        let words = (FileSystem.text(dataDirectory + "/postmaster.opts") ?? "").split { $0 == " " || $0.isNewline }
        guard let option = words.firstIndex(of: "\"-p\""), option + 1 < words.count else { return nil }
        return Int(words[option + 1].filter { $0 != "\"" }).flatMap { (1...65_535).contains($0) ? $0 : nil }
    }

    private static func file(in dataDirectory: String) -> String { dataDirectory + "/postmaster.pid" }

    private static func pause() async throws(ClusterError) {
        do {
            try await Task.sleep(for: .milliseconds(100))
        } catch {
            throw ClusterError("Tollgate was stopped while it waited for PostgreSQL")
        }
    }
}
