// SPDX-License-Identifier: Apache-2.0

import Postgres
import TestSupport
import Testing

extension FaultTests {
    /// A network that cuts connections to PostgreSQL, or drops what passes.
    @Suite struct NetworkFaults {
        @Test func `answers to COMMIT cut off`() async throws {
            let cycles = 20
            try await FaultCluster.with { cluster in
                try await Proxy.with(to: cluster.port) { proxy in
                    let server = try FaultServer(cluster.url(port: proxy.port), in: cluster.folder)
                    try await server.run { _ in
                        let figures = try await Load.on(port: server.port, "cut") { load in
                            for cut in 1...cycles {
                                // Commits of the inbox and of the workers, in turns.
                                proxy.set(.cutsCommit(ofEvents: cut.isMultiple(of: 2)))
                                try await eventually("a COMMIT that is cut off") { proxy.cuts >= cut ? true : nil }
                                try await load.advances(by: 20)
                            }
                        }
                        let reckoning = try await Reckoning(
                            [("cut", figures)], in: cluster, spools: ["\(cluster.folder)/spool-\(server.port)"])
                        reckoning.report("answers to COMMIT cut off", cycles: cycles, figures)
                        #expect(figures.spooled > 0)
                        #expect(figures.slowest < .seconds(3))
                    }
                }
            }
        }

        /// In the middle of a pipeline, no limit of PostgreSQL's own would end the session, nor give its locks back.
        @Test func `the server asks every client whether it is still there`() async throws {
            try await FaultCluster.with { cluster in
                let database = Database(DataSource(cluster.url), connections: 1)
                let settings = try await database.transaction { connection in
                    try connection.execute(
                        """
                        SELECT name || ' = ' || setting
                        FROM pg_settings WHERE name LIKE 'tcp%' ORDER BY name
                        """
                    ).map { try $0.decode(String.self) }
                }
                #expect(
                    settings == [
                        "tcp_keepalives_count = 3", "tcp_keepalives_idle = 15", "tcp_keepalives_interval = 5",
                        "tcp_user_timeout = 20000",
                    ])
                try await database.shutdown()
            }
        }

        @Test func `a network that goes silent`() async throws {
            let cycles = 3
            try await FaultCluster.with { cluster in
                try await Proxy.with(to: cluster.port) { proxy in
                    let server = try FaultServer(cluster.url(port: proxy.port), in: cluster.folder)
                    try await server.run { _ in
                        let figures = try await Load.on(port: server.port, "silent", senders: 4) { load in
                            for _ in 0..<cycles {
                                try await load.advances(by: 100)
                                proxy.set(.silent)
                                // Still acknowledged, by the spool.
                                try await load.advances(by: 200)
                                proxy.set(.none)
                                // Statements sent while the network was silent end by Tollgate's own timeouts.
                                try await load.recovers(within: .seconds(30))
                            }
                        }
                        let reckoning = try await Reckoning(
                            [("silent", figures)], in: cluster, spools: ["\(cluster.folder)/spool-\(server.port)"])
                        reckoning.report("a network that goes silent", cycles: cycles, figures)
                        #expect(figures.slowest < .seconds(3))
                    }
                }
            }
        }
    }
}
