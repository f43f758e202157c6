// SPDX-License-Identifier: Apache-2.0

import Glibc
import Ingest
import Logging
import Postgres
import Store
import TestSupport
import Testing

extension FaultTests {
    /// A PostgreSQL that crashes, is down, locked, out of connections, or replaced.
    @Suite struct DatabaseFaults {
        @Test func `crash of PostgreSQL under load`() async throws {
            let cycles = 10
            try await FaultCluster.with { cluster in
                let server = try FaultServer(cluster.url, in: cluster.folder)
                try await server.run { _ in
                    let figures = try await Load.on(port: server.port, "crash") { load in
                        for _ in 0..<cycles {
                            try await load.advances(by: 100)
                            try await cluster.crash()
                            // Still acknowledged, by the spool.
                            try await load.advances(by: 100)
                            try await cluster.start()
                            try await load.recovers()
                        }
                    }
                    let reckoning = try await Reckoning(
                        [("crash", figures)], in: cluster, spools: ["\(cluster.folder)/spool-\(server.port)"])
                    reckoning.report("crash of PostgreSQL", cycles: cycles, figures)
                    #expect(figures.slowest < .seconds(3))
                    #expect(figures.unanswered == 0)
                }
            }
        }

        @Test func `PostgreSQL gone for 60 s under load`() async throws {
            try await FaultCluster.with { cluster in
                let server = try FaultServer(cluster.url, in: cluster.folder)
                try await server.run { _ in
                    let figures = try await Load.on(port: server.port, "gone", senders: 2) { load in
                        try await load.advances(by: 100)
                        try await cluster.crash()
                        let start = ContinuousClock.now
                        while start.duration(to: .now) < .seconds(60) { try await load.advances(by: 50) }
                        try await cluster.start()
                        try await load.recovers()
                    }
                    let reckoning = try await Reckoning(
                        [("gone", figures)], in: cluster, spools: ["\(cluster.folder)/spool-\(server.port)"])
                    reckoning.report("PostgreSQL gone for 60 s", cycles: 1, figures)
                    #expect(figures.slowest < .seconds(3))
                    #expect(figures.unanswered == 0)
                    #expect(figures.refused == 0)
                }
            }
        }

        @Test func `sessions terminated in a loop, and the inbox locked`() async throws {
            try await FaultCluster.with { cluster in
                let server = try FaultServer(cluster.url, in: cluster.folder)
                try await server.run { _ in
                    let figures = try await Load.on(port: server.port, "term") { load in
                        for _ in 0..<40 {
                            try await load.advances(by: 20)
                            _ = try await cluster.query { connection in
                                try connection.execute(
                                    """
                                    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                                    WHERE application_name LIKE 'tollgate-%' AND pid <> pg_backend_pid()
                                    """
                                ).count
                            }
                        }
                        // The lock must meet batches, not a circuit breaker that is already open.
                        try await load.recovers()
                        try await cluster.query { connection in
                            _ = try connection.executeScript(
                                "SET LOCAL idle_in_transaction_session_timeout = 0; LOCK TABLE tollgate.event")
                            // The lock is the fault, and lasts this long.
                            sleep(30)
                        }
                        try await load.recovers()
                    }
                    let reckoning = try await Reckoning(
                        [("term", figures)], in: cluster, spools: ["\(cluster.folder)/spool-\(server.port)"])
                    reckoning.report("sessions terminated, inbox locked for 30 s", cycles: 41, figures)
                    #expect(figures.slowest < .seconds(3))
                }
            }
        }

        @Test func `all of PostgreSQL's connections are taken`() async throws {
            try await FaultCluster.with(["max_connections = 15", "superuser_reserved_connections = 3"]) { cluster in
                let server = try FaultServer(cluster.url, in: cluster.folder)
                try await server.run { _ in
                    let figures = try await Load.on(port: server.port, "full", senders: 4) { load in
                        try await load.advances(by: 100)
                        let takers = (0..<15).map { _ in Database(DataSource(cluster.url), connections: 1) }
                        try await takeAll(takers)
                        // A server that loses its sessions now cannot open new ones.
                        try await load.advances(by: 200)
                        for taker in takers { try await taker.shutdown() }
                        try await load.recovers()
                    }
                    let reckoning = try await Reckoning(
                        [("full", figures)], in: cluster, spools: ["\(cluster.folder)/spool-\(server.port)"])
                    reckoning.report("all connections taken", cycles: 1, figures)
                    #expect(figures.acknowledged.values.contains("spooled"))
                    #expect(figures.slowest < .seconds(3))
                }
            }
        }

        /// Ends Tollgate's sessions and takes their connections, until it has none left.
        private func takeAll(_ takers: [Database]) async throws {
            let first = try #require(takers.first)
            try await eventually("every connection is taken") { () -> Bool? in
                for taker in takers {
                    // Refused while all connections are in use.
                    _ = try? await taker.transaction { try $0.execute("SELECT 1").count }
                }
                let left = try await first.transaction { connection in
                    try connection.execute(
                        """
                        SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name LIKE 'tollgate-%'
                        """
                    ).first?.decode(Int.self) ?? 0
                }
                return left == 0 ? true : nil
            }
        }

        @Test func `failover to a synchronous standby under load`() async throws {
            let cycles = 3
            try await FaultCluster.with(["synchronous_standby_names = '*'", "wal_level = replica"]) { first in
                try await FaultCluster.withEmpty { second in
                    try await second.follow(first)
                    let url = "host=127.0.0.1,127.0.0.1 port=\(first.port),\(second.port) user=postgres dbname=postgres"
                    let server = try FaultServer(url, in: first.folder)
                    try await server.run { _ in
                        var (primary, standby) = (first, second)
                        let figures = try await Load.on(port: server.port, "over", senders: 4) { load in
                            for _ in 0..<cycles {
                                try await load.advances(by: 100)
                                try await primary.crash()
                                try await standby.promote()
                                (primary, standby) = (standby, primary)
                                // Until the new standby follows, no commit is confirmed: all events go to the spool.
                                try await load.advances(by: 100)
                                try await standby.follow(primary)
                                try await load.recovers(within: .seconds(30))
                            }
                        }
                        let reckoning = try await Reckoning(
                            [("over", figures)], in: primary, spools: ["\(first.folder)/spool-\(server.port)"])
                        reckoning.report("failover to a synchronous standby", cycles: cycles, figures)
                        #expect(figures.slowest < .seconds(3))
                    }
                }
            }
        }

        @Test func `a commit that no standby confirms is not believed`() async throws {
            try await FaultCluster.with { cluster in
                let server = try FaultServer(cluster.url, in: cluster.folder)
                try await server.run { _ in
                    let figures = try await Load.on(port: server.port, "sync", senders: 2) { load in
                        try await load.advances(by: 50)
                        try await cluster.demandStandby("nobody")
                        try await eventually("a commit that waits") { try await syncWaits(cluster, canceling: false) }
                        let before = load.figures.taken
                        // The wait for the standby is canceled: PostgreSQL answers COMMIT, with a warning.
                        try await eventually("its end") { try await syncWaits(cluster, canceling: true) }
                        try await eventually("events that are spooled") { load.figures.spooled > 20 ? true : nil }
                        #expect(load.figures.taken == before)
                        try await cluster.demandStandby("")
                        try await load.recovers()
                    }
                    let reckoning = try await Reckoning(
                        [("sync", figures)], in: cluster, spools: ["\(cluster.folder)/spool-\(server.port)"])
                    reckoning.report("commits that no standby confirms", cycles: 1, figures)
                    #expect(figures.slowest < .seconds(3))
                }
            }
        }

        @Test func `a duplicate of an event that no standby has confirmed is not believed either`() async throws {
            try await FaultCluster.with { cluster in
                // Creates the schema.
                try await FaultServer(cluster.url, in: cluster.folder).run { _ in }
                try await cluster.demandStandby("nobody")
                try await cluster.restart()
                let store = Store(DataSource(cluster.url), logger: Logger(label: "test"))
                let event = Events.invoice("invoice.paid", id: "evt_unconfirmed")
                let delivery = try #require(Delivery(payload: event.bytes))
                let deliveries = [delivery]
                // The first inserts the row; the second finds a duplicate.
                for _ in 0..<2 {
                    let drain = Task { try await store.inbox.insert(deliveries) }
                    try await eventually("a commit that waits") { try await syncWaits(cluster, canceling: false) }
                    try await eventually("its end") { try await syncWaits(cluster, canceling: true) }
                    await #expect(throws: PostgresError.self) { try await drain.value }
                }
                // A probe does not report the database as available either.
                let probe = Task { try await store.inbox.probe() }
                try await eventually("a probe that waits") { try await syncWaits(cluster, canceling: false) }
                try await cluster.demandStandby("")
                try await probe.value
                let entries = try await store.inbox.insert(deliveries)
                #expect(entries == [.duplicate])
                try await store.close()
            }
        }

        /// - Returns: nil if no commit of an event waits for a standby.
        private func syncWaits(_ cluster: FaultCluster, canceling: Bool) async throws -> Bool? {
            let count = try await cluster.query { connection in
                try connection.execute(
                    """
                    SELECT count(CASE WHEN \(canceling) THEN pg_cancel_backend(pid) ELSE true END)
                    FROM pg_stat_activity
                    WHERE application_name = 'tollgate-ingest' AND wait_event = 'SyncRep'
                    """
                ).first?.decode(Int.self) ?? 0
            }
            return count > 0 ? true : nil
        }
    }
}
