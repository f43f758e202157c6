// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import TestSupport
import Testing

extension FaultTests {
    /// More connections than a process may have open files.
    @Suite struct DescriptorFaults {
        @Test func `a flood on the public port shuts neither the private one nor, afterwards, itself`() async throws {
            try await FaultCluster.with { cluster in
                let server = try FaultServer(cluster.url, in: cluster.folder)
                try await server.run(descriptors: 256) { program in
                    var channels: [any Channel] = []
                    for _ in 0..<300 {
                        channels.append(
                            try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                                .connect(host: "127.0.0.1", port: server.port).get())
                    }
                    _ = try await program.logged("all connections are taken: further ones wait")
                    for _ in 0..<20 { #expect(try await server.ask("/readyz", port: server.privatePort) == 200) }
                    for channel in channels { channel.close(promise: nil) }
                    #expect(try await server.ask("/healthz", port: server.port) == 200)
                }
            }
        }
    }
}
