// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import Synchronization

/// A server that is not Tollgate, or a broken one: real sockets, with the answers that a test sets.
final class StrangeServer: Sendable {
    enum Reply: Sendable {
        case whole(_ body: String, status: String = "200 OK")
        /// These bytes, then the piece again and again for as long as the client reads.
        case endless(_ start: String, piece: String)
    }

    private final class Counter: Sendable {
        private let count = Mutex(0)

        var value: Int { count.withLock { $0 } }

        func next() -> Int {
            count.withLock { count in
                count += 1
                return count
            }
        }
    }

    private let channel: any Channel
    private let counter: Counter

    /// Lends a server on a free port.
    /// - Parameter replies: to the first request, the second, …; the last of them from then on.
    static func with<T>(
        _ replies: [Reply],
        _ body: (StrangeServer) async throws -> T
    ) async throws -> T {
        let server = try await StrangeServer(replies)
        let result: Result<T, any Error>
        do {
            result = .success(try await body(server))
        } catch {
            result = .failure(error)
        }
        try await server.channel.close()
        return try result.get()
    }

    var url: String { "http://127.0.0.1:\(channel.localAddress?.port ?? 0)" }

    /// How many requests have come.
    var requests: Int { counter.value }

    private init(_ replies: [Reply]) async throws {
        let counter = Counter()
        self.counter = counter
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        Answering { replies[min(counter.next(), replies.count) - 1] })
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    /// One connection.
    private final class Answering: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let reply: () -> Reply
        private var received = ""

        init(_ reply: @escaping () -> Reply) {
            self.reply = reply
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            received += String(buffer: unwrapInboundIn(data))
            // Answers after the head; a body is taken for the beginning of the next request.
            guard received.contains("\r\n\r\n") else { return }
            received = ""
            let channel = context.channel
            switch reply() {
            case .whole(let body, let status):
                let head = "HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
                channel.writeAndFlush(ByteBuffer(string: head + body), promise: nil)
            case .endless(let start, let piece):
                channel.writeAndFlush(ByteBuffer(string: start), promise: nil)
                channel.eventLoop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(10)) { task in
                    guard channel.isActive else { return task.cancel() }
                    if channel.isWritable { channel.writeAndFlush(ByteBuffer(string: piece), promise: nil) }
                }
            }
        }
    }
}
