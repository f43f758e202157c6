// SPDX-License-Identifier: Apache-2.0

extension Database {
    /// Makes sure that a session is ours from beginning to end. A pooler that hands one session from client to client
    /// after each transaction lets the second client here overwrite what the first one set.
    /// - Throws: `PostgresError`, with SQLSTATE 0A000 if sessions are shared.
    package func requireSessions() async throws {
        try await session { [source, settings] one in
            let other = Connection(try Session(source, settings: settings), .none)
            for (connection, name) in [(one, "one"), (other, "other")] {
                try connection.execute("SELECT set_config('tollgate.session', \(name), false)")
            }
            let row = try one.execute("SELECT current_setting('tollgate.session', true) AS kept").only
            let kept: String? = try row["kept"]
            guard kept == "one" else {
                throw PostgresError(sqlState: "0A000", message: PoolerSigns.advice)
            }
        }
    }
}
