// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import Synchronization
import TestSupport

/// A TCP proxy before PostgreSQL that breaks as networks do: it can cut the answer to what commits off, or go silent and
/// keep every connection open.
final class Proxy: Sendable {
    enum Fault: Sendable {
        case none
        /// The next batch of events, or the next COMMIT of anybody, reaches the server, its answer does not come back: the
        /// connection ends instead.
        case cutsCommit(ofEvents: Bool)
        /// Nothing passes any more, in either direction; nothing is closed.
        case silent
    }

    let port: Int
    private let channel: any Channel
    private let state: State

    final class State: Sendable {
        private let fault = Mutex(Fault.none)
        private let cuts = Mutex(0)

        var current: Fault { fault.withLock { $0 } }

        func set(_ new: Fault) {
            fault.withLock { $0 = new }
        }

        /// How many answers were cut off.
        var count: Int { cuts.withLock { $0 } }

        /// - Returns: whether this one is to be cut off.
        func takeCommit(ofEvents: Bool) -> Bool {
            let isTaken = fault.withLock { fault in
                guard case .cutsCommit(let wanted) = fault, wanted == ofEvents else { return false }
                fault = .none
                return true
            }
            if isTaken { cuts.withLock { $0 += 1 } }
            return isTaken
        }
    }

    static func with(to port: Int, _ body: (Proxy) async throws -> Void) async throws {
        let proxy = try await Proxy(to: port)
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(proxy))
        } catch {
            result = .failure(error)
        }
        try await proxy.channel.close()
        try result.get()
    }

    func set(_ fault: Fault) { state.set(fault) }

    var cuts: Int { state.count }

    private init(to target: Int) async throws {
        let state = State()
        self.state = state
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { client in
                ClientBootstrap(group: client.eventLoop)
                    .connect(host: "127.0.0.1", port: target)
                    .flatMap { server in
                        client.eventLoop.makeCompletedFuture {
                            try client.pipeline.syncOperations.addHandler(Pipe(to: server, state, isClient: true))
                            try server.pipeline.syncOperations.addHandler(Pipe(to: client, state, isClient: false))
                        }
                    }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress?.port ?? 0
    }

    /// One direction of a connection.
    private final class Pipe: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let other: any Channel
        private let state: State
        private let isClient: Bool
        /// The session that writes events: each batch is a statement and a transaction of its own.
        private var isIngest = false

        init(to other: any Channel, _ state: State, isClient: Bool) {
            self.other = other
            self.state = state
            self.isClient = isClient
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            if case .silent = state.current { return }
            let bytes = unwrapInboundIn(data)
            if isClient, commits(bytes) {
                // It arrives; whoever sent it never hears of it.
                let client = context.channel
                other.writeAndFlush(bytes).whenComplete { _ in client.close(promise: nil) }
                return
            }
            other.writeAndFlush(bytes, promise: nil)
        }

        private func commits(_ bytes: ByteBuffer) -> Bool {
            let text = String(buffer: bytes)
            if text.contains("tollgate-ingest") { isIngest = true }
            if isIngest {
                // Bind to Sync, in one piece: a statement that was cut itself would not be executed.
                let isWhole = text.hasPrefix("B") && Array(bytes.readableBytesView.suffix(5)) == [0x53, 0, 0, 0, 4]
                return isWhole && text.contains("evt_") && state.takeCommit(ofEvents: true)
            }
            return text.contains("COMMIT") && state.takeCommit(ofEvents: false)
        }

        func channelInactive(context: ChannelHandlerContext) {
            if case .silent = state.current { return }
            other.close(promise: nil)
        }
    }
}
