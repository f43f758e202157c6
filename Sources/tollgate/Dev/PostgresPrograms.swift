import FoundationEssentials
import Glibc

/// Where PostgreSQL's own programs lie. Debian keeps them out of PATH, one folder per version.
struct PostgresPrograms: Sendable {
    private static let debian = "/usr/lib/postgresql"

    let folder: String

    var initdb: String { folder + "/initdb" }
    var pgCtl: String { folder + "/pg_ctl" }
    var postgres: String { folder + "/postgres" }

    /// - Parameter version: the major version that made the cluster, if there is one: no other can run it.
    static func find(version: String?) async throws(PrivateClusterError) -> PostgresPrograms {
        let path = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        var candidates: [String] = []
        if let version { candidates.append("\(debian)/\(version)/bin") }
        candidates += path.compactMap { FileSystem.realPath($0 + "/initdb").map(folderName) }
        for folder in path where access(folder + "/pg_config", X_OK) == 0 {
            let answer = try await ClusterUser.current.run(folder + "/pg_config", ["--bindir"], in: "/")
            if answer.succeeded { candidates.append(String(answer.output.prefix { $0 != "\n" })) }
        }
        let versions = FileSystem.names(in: debian).compactMap { Int($0) }.sorted(by: >)
        candidates += versions.map { "\(debian)/\($0)/bin" }

        for folder in candidates {
            let programs = PostgresPrograms(folder: folder)
            if programs.areAllThere { return programs }
        }
        throw PrivateClusterError("PostgreSQL was not found: install it with `apt-get install postgresql`")
    }

    private var areAllThere: Bool {
        for program in [initdb, pgCtl, postgres] where access(program, X_OK) != 0 { return false }
        return true
    }

    private static func folderName(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    }
}
