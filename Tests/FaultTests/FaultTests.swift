import Foundation
import Glibc
import Postgres
import Stripe
import TestSupport
import Testing

/// Real processes, broken for real. One alone: `scripts/test --faults --filter <a word of its name>`
@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["TOLLGATE_FAULTS"] != nil, "not asked for"))
struct FaultTests {
    /// The load goes on until so much more has been acknowledged, so that a fault meets work and not an idle server.
    private func advance(_ load: Load, by count: Int) async throws {
        let goal = load.figures.acknowledged.count + count
        try await eventually("\(goal) acknowledged events") { load.figures.acknowledged.count >= goal ? true : nil }
    }

    @Test func `SIGKILL of the server under load`() async throws {
        let cycles = 30
        var random = SeededRandom(41)
        try await FaultCluster.with { cluster in
            let server = try FaultServer(cluster.url, in: cluster.folder)
            let figures = try await Load.on(port: server.port, "kill") { load in
                for _ in 0..<cycles {
                    try await server.run { program in
                        try await advance(load, by: Int(random.within(1...120)))
                        program.send(SIGKILL)
                        _ = try await program.ended()
                    }
                }
                try await server.run { _ in try await advance(load, by: 50) }
            }
            try await server.run { _ in
                let reckoning = try await Reckoning(
                    [("kill", figures)], in: cluster, spools: ["\(cluster.folder)/spool-\(server.port)"])
                try reckoning.report("SIGKILL of the server", cycles: cycles, figures)
            }
        }
    }

    @Test func `crash of PostgreSQL under load`() async throws {
        let cycles = 10
        try await FaultCluster.with { cluster in
            let server = try FaultServer(cluster.url, in: cluster.folder)
            try await server.run { _ in
                let figures = try await Load.on(port: server.port, "crash") { load in
                    for _ in 0..<cycles {
                        try await advance(load, by: 100)
                        try await cluster.crash()
                        // Acknowledged all the same, by the spool.
                        try await advance(load, by: 100)
                        try await cluster.start()
                        try await expectRecovery(load)
                    }
                }
                let reckoning = try await Reckoning(
                    [("crash", figures)], in: cluster, spools: ["\(cluster.folder)/spool-\(server.port)"])
                try reckoning.report("crash of PostgreSQL", cycles: cycles, figures)
                #expect(figures.slowest < .seconds(3))
                #expect(figures.unanswered == 0)
            }
        }
    }

    /// Events go into the database again within 10 s of its return.
    private func expectRecovery(_ load: Load) async throws {
        func direct() -> Int { load.figures.acknowledged.values.count { $0 == "accepted" } }
        let before = direct()
        try await eventually("recovery", within: .seconds(10)) { direct() > before + 20 ? true : nil }
    }

    @Test func `PostgreSQL gone for 60 s under load`() async throws {
        try await FaultCluster.with { cluster in
            let server = try FaultServer(cluster.url, in: cluster.folder)
            try await server.run { _ in
                let figures = try await Load.on(port: server.port, "gone", senders: 2) { load in
                    try await advance(load, by: 100)
                    try await cluster.crash()
                    let start = ContinuousClock.now
                    while start.duration(to: .now) < .seconds(60) { try await advance(load, by: 50) }
                    try await cluster.start()
                    try await expectRecovery(load)
                }
                let reckoning = try await Reckoning(
                    [("gone", figures)], in: cluster, spools: ["\(cluster.folder)/spool-\(server.port)"])
                try reckoning.report("PostgreSQL gone for 60 s", cycles: 1, figures)
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
                        try await advance(load, by: 20)
                        _ = try await cluster.query { connection in
                            try connection.execute(
                                """
                                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                                WHERE application_name LIKE 'tollgate-%' AND pid <> pg_backend_pid()
                                """
                            ).count
                        }
                    }
                    try await cluster.query { connection in
                        _ = try connection.executeScript(
                            "SET LOCAL idle_in_transaction_session_timeout = 0; LOCK TABLE tollgate.event")
                        // Not a wait for something: the lock is the fault, and lasts as long.
                        sleep(30)
                    }
                    try await expectRecovery(load)
                }
                let reckoning = try await Reckoning(
                    [("term", figures)], in: cluster, spools: ["\(cluster.folder)/spool-\(server.port)"])
                try reckoning.report("sessions terminated, inbox locked for 30 s", cycles: 41, figures)
                #expect(figures.slowest < .seconds(3))
            }
        }
    }

    @Test func `SIGSTOP of a worker past its limits, then SIGCONT`() async throws {
        try await FaultCluster.with { cluster in
            let receiver = try FaultServer(cluster.url, in: cluster.folder, ["--only", "http"])
            let first = try FaultServer(cluster.url, in: cluster.folder, ["--only", "worker"])
            let second = try FaultServer(cluster.url, in: cluster.folder, ["--only", "worker"])
            try await receiver.run { _ in
                try await first.run { stopped in
                    let figures = try await Load.on(port: receiver.port, "stop", senders: 2) { load in
                        try await advance(load, by: 200)
                        stopped.send(SIGSTOP)
                        try await second.run { _ in
                            // What the stopped one holds is freed by PostgreSQL's own limit.
                            try await advance(load, by: 100)
                            try await eventually("the stopped one's work is done by another", within: .seconds(120)) {
                                () -> Bool? in
                                let old = try await cluster.query { connection in
                                    try connection.execute(
                                        """
                                        SELECT count(*) FROM tollgate.event_work
                                        WHERE status = 'pending' AND run_at < now() - interval '5 seconds'
                                        """
                                    ).first?.decode(Int.self) ?? 0
                                }
                                return old == 0 ? true : nil
                            }
                            stopped.send(SIGCONT)
                            try await advance(load, by: 100)
                        }
                    }
                    let reckoning = try await Reckoning([("stop", figures)], in: cluster, spools: [])
                    try reckoning.report("SIGSTOP of a worker, then SIGCONT", cycles: 1, figures)
                }
            }
        }
    }

    @Test func `two servers with two workers each on one database`() async throws {
        try await FaultCluster.with { cluster in
            let first = try FaultServer(cluster.url, in: cluster.folder)
            let second = try FaultServer(cluster.url, in: cluster.folder)
            try await first.run { _ in
                try await second.run { _ in
                    async let left = Load.on(port: first.port, "two") { try await advance($0, by: 1500) }
                    async let right = Load.on(port: second.port, "two") { try await advance($0, by: 1500) }
                    let figures = try await [left, right]
                    let reckoning = try await Reckoning(figures.map { ("two", $0) }, in: cluster, spools: [])
                    try reckoning.report("two servers, the same events at both", cycles: 1, figures[0], figures[1])
                }
            }
        }
    }

    @Test func `answers to COMMIT cut off`() async throws {
        let cycles = 20
        try await FaultCluster.with { cluster in
            try await Proxy.with(to: cluster.port) { proxy in
                let server = try FaultServer(cluster.url(port: proxy.port), in: cluster.folder)
                try await server.run { _ in
                    let figures = try await Load.on(port: server.port, "cut") { load in
                        for cut in 1...cycles {
                            proxy.set(.cutsCommit)
                            try await eventually("a COMMIT that is cut off") { proxy.cuts >= cut ? true : nil }
                            try await advance(load, by: 20)
                        }
                    }
                    let reckoning = try await Reckoning(
                        [("cut", figures)], in: cluster, spools: ["\(cluster.folder)/spool-\(server.port)"])
                    try reckoning.report("answers to COMMIT cut off", cycles: cycles, figures)
                    #expect(figures.slowest < .seconds(3))
                }
            }
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
                            try await advance(load, by: 100)
                            proxy.set(.silent)
                            // Acknowledged all the same, by the spool.
                            try await advance(load, by: 200)
                            proxy.set(.none)
                            func direct() -> Int { load.figures.acknowledged.values.count { $0 == "accepted" } }
                            let before = direct()
                            // What was sent into the silence is given up by this side's own limits.
                            try await eventually("recovery", within: .seconds(30)) {
                                direct() > before + 20 ? true : nil
                            }
                        }
                    }
                    let reckoning = try await Reckoning(
                        [("silent", figures)], in: cluster, spools: ["\(cluster.folder)/spool-\(server.port)"])
                    try reckoning.report("a network that goes silent", cycles: cycles, figures)
                    #expect(figures.slowest < .seconds(3))
                }
            }
        }
    }

    @Test func `2,000 slow clients while events flow`() async throws {
        try await FaultCluster.with { cluster in
            let server = try FaultServer(cluster.url, in: cluster.folder)
            try await server.run { _ in
                let figures = try await SlowClients.with(2000, port: server.port) {
                    try await Load.on(port: server.port, "slow", senders: 4) { try await advance($0, by: 1000) }
                }
                let reckoning = try await Reckoning([("slow", figures)], in: cluster, spools: [])
                try reckoning.report("2,000 clients at 1 byte/s", cycles: 1, figures)
                #expect(figures.unanswered == 0)
                #expect(figures.refused == 0)
            }
        }
    }

    @Test func `all of PostgreSQL's connections are taken`() async throws {
        try await FaultCluster.with(["max_connections = 15", "superuser_reserved_connections = 3"]) { cluster in
            let server = try FaultServer(cluster.url, in: cluster.folder)
            try await server.run { _ in
                let figures = try await Load.on(port: server.port, "full", senders: 4) { load in
                    try await advance(load, by: 100)
                    let takers = (0..<15).map { _ in Database(DataSource(cluster.url), connections: 1) }
                    try await takeAll(takers)
                    // A server that loses its sessions now gets none back.
                    try await advance(load, by: 200)
                    for taker in takers { try await taker.shutdown() }
                    try await expectRecovery(load)
                }
                let reckoning = try await Reckoning(
                    [("full", figures)], in: cluster, spools: ["\(cluster.folder)/spool-\(server.port)"])
                try reckoning.report("all connections taken", cycles: 1, figures)
                #expect(figures.acknowledged.values.contains("spooled"))
                #expect(figures.slowest < .seconds(3))
            }
        }
    }

    /// Ends Tollgate's sessions and takes their places, until it has none left.
    private func takeAll(_ takers: [Database]) async throws {
        let first = try #require(takers.first)
        try await eventually("every connection is taken") { () -> Bool? in
            for taker in takers {
                // Turned away while others hold the place.
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
                            try await advance(load, by: 100)
                            try await primary.crash()
                            try await standby.promote()
                            (primary, standby) = (standby, primary)
                            // Until the new standby follows, no commit is confirmed: the spool takes all.
                            try await advance(load, by: 100)
                            try await standby.follow(primary)
                            func direct() -> Int { load.figures.acknowledged.values.count { $0 == "accepted" } }
                            let before = direct()
                            try await eventually("recovery", within: .seconds(30)) {
                                direct() > before + 20 ? true : nil
                            }
                        }
                    }
                    let reckoning = try await Reckoning(
                        [("over", figures)], in: primary, spools: ["\(first.folder)/spool-\(server.port)"])
                    try reckoning.report("failover to a synchronous standby", cycles: cycles, figures)
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
                    try await advance(load, by: 50)
                    try await cluster.demandStandby("nobody")
                    func spooled() -> Int { load.figures.acknowledged.values.count { $0 == "spooled" } }
                    try await eventually("a commit that waits") { try await syncWaits(cluster, canceling: false) }
                    func accepted() -> Int { load.figures.acknowledged.values.count { $0 != "spooled" } }
                    let before = accepted()
                    // The wait for the standby is canceled: PostgreSQL says COMMIT, with a warning.
                    try await eventually("its end") { try await syncWaits(cluster, canceling: true) }
                    try await eventually("events that are spooled") { spooled() > 20 ? true : nil }
                    #expect(accepted() == before)
                    try await cluster.demandStandby("")
                    try await expectRecovery(load)
                }
                let reckoning = try await Reckoning(
                    [("sync", figures)], in: cluster, spools: ["\(cluster.folder)/spool-\(server.port)"])
                try reckoning.report("commits that no standby confirms", cycles: 1, figures)
                #expect(figures.slowest < .seconds(3))
            }
        }
    }

    /// - Returns: nil where no commit of an event waits for a standby.
    private func syncWaits(_ cluster: FaultCluster, canceling: Bool) async throws -> Bool? {
        let count = try await cluster.query { connection in
            try connection.execute(
                """
                SELECT count(CASE WHEN $1 THEN pg_cancel_backend(pid) ELSE true END)
                FROM pg_stat_activity
                WHERE application_name = 'tollgate-ingest' AND wait_event = 'SyncRep'
                """,
                .value(canceling)
            ).first?.decode(Int.self) ?? 0
        }
        return count > 0 ? true : nil
    }

    @Test func `a disk that is full under PostgreSQL`() async throws {
        try await FaultCluster.withEmpty { cluster in
            let mounted = try await Shell.run(["mount", "-t", "tmpfs", "-o", "size=200m", "tmpfs", cluster.folder])
            guard mounted.code == 0 else {
                print("NOT TESTED: a full disk, for this machine does not let a test mount one: \(mounted.output)")
                return
            }
            let spool = "\(cluster.folder)-spool"
            let result: Result<Void, any Error>
            do {
                try await cluster.make(["max_wal_size = 64MB"])
                try await cluster.start()
                let server = try FaultServer(cluster.url, in: cluster.folder, [], ["TOLLGATE_SPOOL_DIR": spool])
                try await server.run { _ in
                    let figures = try await Load.on(port: server.port, "full", senders: 4) { load in
                        try await advance(load, by: 100)
                        // All that is left of the disk, and then some work.
                        _ = try await Shell.run(["dd", "if=/dev/zero", "of=\(cluster.folder)/filler", "bs=64k"])
                        func spooled() -> Int { load.figures.acknowledged.values.count { $0 == "spooled" } }
                        try await eventually("events that are spooled", within: .seconds(120)) {
                            spooled() > 50 ? true : nil
                        }
                        try await Shell.check("rm", "\(cluster.folder)/filler")
                        // Where it could not even write its log it has stopped.
                        try await cluster.restart()
                        try await expectRecovery(load)
                    }
                    let reckoning = try await Reckoning([("full", figures)], in: cluster, spools: [spool])
                    try reckoning.report("a full disk under PostgreSQL", cycles: 1, figures)
                    #expect(figures.slowest < .seconds(3))
                }
                result = .success(())
            } catch {
                print(cluster.log.suffix(4000))
                result = .failure(error)
            }
            try await cluster.crash()
            try await Shell.check("umount", cluster.folder)
            try await Shell.check("rm", "-rf", spool)
            try result.get()
        }
    }

    @Test func `a disk that is full under the spool`() async throws {
        try await FaultCluster.with { cluster in
            let disk = "\(cluster.folder)/disk"
            try await Shell.check("mkdir", disk)
            let mounted = try await Shell.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", disk])
            guard mounted.code == 0 else {
                print("NOT TESTED: a full disk, for this machine does not let a test mount one: \(mounted.output)")
                return
            }
            let server = try FaultServer(
                cluster.url, in: cluster.folder, [], ["TOLLGATE_SPOOL_DIR": "\(disk)/spool"])
            let result: Result<Void, any Error>
            do {
                try await server.run { _ in
                    let figures = try await Load.on(port: server.port, "disk", senders: 2) { load in
                        try await advance(load, by: 50)
                        try await cluster.crash()
                        let refused = load.figures.refused
                        try await eventually("503") { load.figures.refused > refused + 20 ? true : nil }
                        try await cluster.start()
                        try await expectRecovery(load)
                    }
                    let reckoning = try await Reckoning([("disk", figures)], in: cluster, spools: ["\(disk)/spool"])
                    try reckoning.report("a full disk under the spool", cycles: 1, figures)
                    #expect(figures.slowest < .seconds(3))
                    #expect(figures.unanswered == 0)
                }
                result = .success(())
            } catch {
                result = .failure(error)
            }
            try await Shell.check("umount", disk)
            try result.get()
        }
    }
}
