// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport
import Testing

extension FaultTests {
    /// A server that is killed, stopped, run twice or flooded.
    @Suite struct ServerFaults {
        @Test func `SIGKILL of the server under load`() async throws {
            let cycles = 30
            var random = SeededRandom(41)
            try await FaultCluster.with { cluster in
                let server = try FaultServer(cluster.url, in: cluster.folder)
                let figures = try await Load.on(port: server.port, "kill") { load in
                    for _ in 0..<cycles {
                        try await server.run { program in
                            try await load.advances(by: Int(random.within(1...120)))
                            program.send(SIGKILL)
                            _ = try await program.ended()
                        }
                    }
                    try await server.run { _ in try await load.advances(by: 50) }
                }
                try await server.run { _ in
                    let reckoning = try await Reckoning(
                        [("kill", figures)], in: cluster, spools: ["\(cluster.folder)/spool-\(server.port)"])
                    reckoning.report("SIGKILL of the server", cycles: cycles, figures)
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
                            try await load.advances(by: 200)
                            stopped.send(SIGSTOP)
                            try await second.run { _ in
                                // PostgreSQL's timeouts release what the stopped one holds.
                                try await load.advances(by: 100)
                                try await eventually("the stopped one's work is done by another", within: .seconds(120))
                                {
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
                                try await load.advances(by: 100)
                            }
                        }
                        let reckoning = try await Reckoning([("stop", figures)], in: cluster, spools: [])
                        reckoning.report("SIGSTOP of a worker, then SIGCONT", cycles: 1, figures)
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
                        async let left = Load.on(port: first.port, "two") { try await $0.advances(by: 1500) }
                        async let right = Load.on(port: second.port, "two") { try await $0.advances(by: 1500) }
                        let figures = try await [left, right]
                        let reckoning = try await Reckoning(figures.map { ("two", $0) }, in: cluster, spools: [])
                        reckoning.report("two servers, the same events at both", cycles: 1, figures[0], figures[1])
                    }
                }
            }
        }

        @Test func `2,000 slow clients while events flow`() async throws {
            try await FaultCluster.with { cluster in
                let server = try FaultServer(cluster.url, in: cluster.folder)
                try await server.run { _ in
                    let figures = try await SlowClients.with(2000, port: server.port) {
                        try await Load.on(port: server.port, "slow", senders: 4) { try await $0.advances(by: 1000) }
                    }
                    let reckoning = try await Reckoning([("slow", figures)], in: cluster, spools: [])
                    reckoning.report("2,000 clients at 1 byte/s", cycles: 1, figures)
                    #expect(figures.unanswered == 0)
                    #expect(figures.refused == 0)
                }
            }
        }
    }
}
