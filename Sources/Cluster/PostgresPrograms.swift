// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc

/// The folder with PostgreSQL's own programs. Debian keeps them out of PATH, in one folder per version.
struct PostgresPrograms: Sendable {
    private static let debian = "/usr/lib/postgresql"

    let folder: String

    var initdb: String { folder + "/initdb" }
    var pgCtl: String { folder + "/pg_ctl" }
    var postgres: String { folder + "/postgres" }

    /// - Parameters:
    ///   - version: the major version that created the cluster, if there is one: no other can run it.
    ///   - data: the cluster's files, for messages.
    static func find(version: String?, data: String) async throws(ClusterError) -> PostgresPrograms {
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

        var others: [String] = []
        for folder in candidates {
            let programs = PostgresPrograms(folder: folder)
            guard programs.areAllThere else { continue }
            guard let version else { return programs }
            let found = try await programs.majorVersion()
            if found == nil || found == version { return programs }
            if let found, !others.contains(found) { others.append(found) }
        }
        guard let version, !others.isEmpty else {
            throw ClusterError("PostgreSQL was not found: install it with `apt-get install postgresql`")
        }
        throw ClusterError(
            """
            \(data) was made by PostgreSQL \(version), and only \(others.joined(separator: " and ")) is installed: install \
            that version or put its programs on PATH; or start over with `tollgate dev --reset`, which deletes the data
            """
        )
    }

    /// `postgres (PostgreSQL) 15.18 (Debian 15.18-1)`; nil if the output is different.
    private func majorVersion() async throws(ClusterError) -> String? {
        let answer = try await ClusterUser.current.run(postgres, ["--version"], in: "/")
        let words = answer.output.split { $0 == " " || $0.isNewline }
        guard answer.succeeded, words.count > 2, words[1] == "(PostgreSQL)" else { return nil }
        return String(words[2].prefix { $0.isNumber })
    }

    private var areAllThere: Bool {
        for program in [initdb, pgCtl, postgres] where access(program, X_OK) != 0 { return false }
        return true
    }

    private static func folderName(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    }
}
