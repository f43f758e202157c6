// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

extension FaultTests {
    /// Full disks.
    @Suite struct DiskFaults {
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
                            try await load.advances(by: 100)
                            // Fills the disk, then waits for more events.
                            _ = try await Shell.run(["dd", "if=/dev/zero", "of=\(cluster.folder)/filler", "bs=64k"])
                            try await eventually("events that are spooled", within: .seconds(120)) {
                                load.figures.spooled > 50 ? true : nil
                            }
                            try await Shell.check("rm", "\(cluster.folder)/filler")
                            // If it could not write even its log, it has stopped.
                            try await cluster.restart()
                            try await load.recovers()
                        }
                        let reckoning = try await Reckoning([("full", figures)], in: cluster, spools: [spool])
                        reckoning.report("a full disk under PostgreSQL", cycles: 1, figures)
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
                            try await load.advances(by: 50)
                            try await cluster.crash()
                            let refused = load.figures.refused
                            try await eventually("503") { load.figures.refused > refused + 20 ? true : nil }
                            try await cluster.start()
                            try await load.recovers()
                        }
                        let reckoning = try await Reckoning([("disk", figures)], in: cluster, spools: ["\(disk)/spool"])
                        reckoning.report("a full disk under the spool", cycles: 1, figures)
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
}
