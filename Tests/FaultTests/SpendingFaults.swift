// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport
import Testing

extension FaultTests {
    /// A server or a PostgreSQL that dies while gateways spend.
    @Suite struct SpendingFaults {
        @Test func `SIGKILL of the server under spending`() async throws {
            let cycles = 20
            var random = SeededRandom(43)
            try await FaultCluster.with { cluster in
                let server = try FaultServer(cluster.url, in: cluster.folder)
                try await SpendingGateway.with(server) { gateway in
                    try await server.run { _ in try await SpendingLoad.prepare(gateway) }
                    let figures = try await SpendingLoad.on(gateway) { load in
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
                        try await SpendingReckoning(figures, gateway, in: cluster)
                            .report("SIGKILL of the server, spending", cycles: cycles)
                    }
                }
            }
        }

        @Test func `two servers spend from the same balances, and one is killed`() async throws {
            let cycles = 10
            var random = SeededRandom(47)
            try await FaultCluster.with { cluster in
                let stays = try FaultServer(cluster.url, in: cluster.folder)
                let dies = try FaultServer(cluster.url, in: cluster.folder)
                try await stays.run { _ in
                    try await SpendingGateway.with(stays) { try await SpendingLoad.prepare($0) }
                    try await SpendingGateway.with(stays, dies) { gateway in
                        let figures = try await SpendingLoad.on(gateway) { load in
                            for _ in 0..<cycles {
                                try await dies.run { program in
                                    try await load.advances(by: Int(random.within(20...120)))
                                    program.send(SIGKILL)
                                    _ = try await program.ended()
                                }
                                // What the dead one's sessions had locked is free again.
                                try await load.advances(by: 20)
                            }
                        }
                        try await SpendingReckoning(figures, gateway, in: cluster)
                            .report("SIGKILL of one of two servers, spending", cycles: cycles)
                    }
                }
            }
        }

        @Test func `crash of PostgreSQL under spending`() async throws {
            let cycles = 8
            try await underLoad("crash of PostgreSQL, spending", cycles: cycles) { load, cluster in
                for _ in 0..<cycles {
                    try await load.advances(by: 100)
                    try await cluster.crash()
                    try await cluster.start()
                }
            }
        }

        @Test func `sessions terminated in a loop under spending`() async throws {
            let cycles = 60
            try await underLoad("sessions terminated, spending", cycles: cycles) { load, cluster in
                for _ in 0..<cycles {
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
            }
        }

        /// One server runs all the time; `faults` breaks what it needs.
        private func underLoad(
            _ name: String, cycles: Int, _ faults: (SpendingLoad, FaultCluster) async throws -> Void
        ) async throws {
            try await FaultCluster.with { cluster in
                let server = try FaultServer(cluster.url, in: cluster.folder)
                try await SpendingGateway.with(server) { gateway in
                    try await server.run { _ in
                        try await SpendingLoad.prepare(gateway)
                        let figures = try await SpendingLoad.on(gateway) { load in
                            try await faults(load, cluster)
                            try await load.advances(by: 100)
                        }
                        try await SpendingReckoning(figures, gateway, in: cluster).report(name, cycles: cycles)
                    }
                }
            }
        }
    }
}
