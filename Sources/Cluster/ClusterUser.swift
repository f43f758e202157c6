// SPDX-License-Identifier: Apache-2.0

import Glibc
import Subprocess

/// The user that a private cluster belongs to: PostgreSQL refuses to run as root.
struct ClusterUser: Sendable, Equatable {
    let id: uid_t
    let group: gid_t

    static var current: ClusterUser { ClusterUser(id: geteuid(), group: getegid()) }

    /// The user who runs PostgreSQL when Tollgate runs as root.
    static func service() throws(ClusterError) -> ClusterUser {
        for name in ["postgres", "nobody"] {
            if let entry = getpwnam(name), entry.pointee.pw_uid != 0 {
                return ClusterUser(id: entry.pointee.pw_uid, group: entry.pointee.pw_gid)
            }
        }
        throw ClusterError(
            "PostgreSQL refuses to run as root and there is neither a user `postgres` nor `nobody`: run `tollgate dev` as an ordinary user"
        )
    }

    struct Outcome: Sendable {
        let succeeded: Bool
        /// Standard output and error together.
        let output: String
    }

    /// Runs a program as this user and waits for it to end.
    ///
    /// It gets nothing of Tollgate's environment, so that none of our secrets stay with a server that may outlive us.
    ///
    /// - Parameters:
    ///   - dataDirectory: what PostgreSQL's programs should work on, relative to `folder`.
    ///   - ownsSession: whether it gets its own session, so that only Tollgate handles Ctrl-C.
    func run(
        _ program: String,
        _ arguments: [String],
        in folder: String,
        dataDirectory: String? = nil,
        ownsSession: Bool = true
    ) async throws(ClusterError) -> Outcome {
        var options = PlatformOptions()
        options.createSession = ownsSession
        // Not through `options.userID`: that calls setgroups and setuid between clone and exec, where glibc may wait
        // for ever for threads that exist only in the parent.
        let isOther = self != .current
        let become = ["--reuid=\(id)", "--regid=\(group)", "--clear-groups", "--", program]
        // English messages, whatever the machine's language, and a PATH in which pg_ctl finds a shell.
        var environment: [Environment.Key: String] = ["PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C"]
        environment["PGDATA"] = dataDirectory
        do {
            let result = try await Subprocess.run(
                .path(.init(isOther ? "/usr/bin/setpriv" : program)),
                arguments: Arguments(isOther ? become + arguments : arguments),
                environment: .custom(environment),
                workingDirectory: .init(folder),
                platformOptions: options,
                output: .string(limit: 1 << 20),
                error: .combinedWithOutput
            )
            return Outcome(succeeded: result.terminationStatus.isSuccess, output: result.standardOutput)
        } catch {
            throw ClusterError("\(program) cannot be run in \(folder): \(error)")
        }
    }

    /// Whether this user can work in a folder: the permissions of every folder above it count too.
    func canWork(in folder: String) async throws(ClusterError) -> Bool {
        try await run("/bin/sh", ["-c", #"cd -- "$0" && test -w ."#, folder], in: "/").succeeded
    }
}
