// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

/// Tollgate behind pgbouncer.
@Suite(.enabled(if: Pooler.isInstalled, "pgbouncer is not installed")) struct PoolerTests {
    @Test func `a transaction pooler is recognised by every command, before anything goes wrong`() async throws {
        try await TestDatabase.with { database in
            try await Pooler.with(mode: "transaction", of: database) { url in
                var environment = RunningServer.environment(url)
                environment["TOLLGATE_SPOOL_DIR"] = "off"
                for command in [["migrate"], ["serve"], ["prune"]] {
                    let ended = try await Program.run(command, environment: environment)
                    #expect(ended.code == 1, "\(ended.errors)")
                    #expect(ended.errors.contains("transaction pooler"), "\(ended.errors)")
                }
            }
        }
    }

    @Test func `a pool of sessions will do`() async throws {
        try await TestDatabase.withEmpty { database in
            try await Pooler.with(mode: "session", of: database) { url in
                let ended = try await Program.run(["migrate"], environment: ["DATABASE_URL": url])
                #expect(ended.code == 0, "\(ended.errors)")
            }
        }
    }
}
