// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix

/// Clients that send a request at one byte a second and never finish it.
enum SlowClients {
    static func with<T>(_ count: Int, port: Int, _ body: () async throws -> T) async throws -> T {
        let head = "POST /webhooks/stripe HTTP/1.1\r\nHost: test\r\nContent-Length: 500\r\n"
        var channels: [any Channel] = []
        for _ in 0..<count {
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(host: "127.0.0.1", port: port).get()
            drip(head[...], into: channel)
            channels.append(channel)
        }
        let result: Result<T, any Error>
        do {
            result = .success(try await body())
        } catch {
            result = .failure(error)
        }
        for channel in channels where channel.isActive { channel.close(promise: nil) }
        return try result.get()
    }

    /// Sends one byte, and the rest a second later.
    private static func drip(_ text: Substring, into channel: any Channel) {
        guard channel.isActive, let next = text.first else { return }
        channel.writeAndFlush(ByteBuffer(string: String(next)), promise: nil)
        channel.eventLoop.scheduleTask(in: .seconds(1)) { drip(text.dropFirst(), into: channel) }
    }
}
