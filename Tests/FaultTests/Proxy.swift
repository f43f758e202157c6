// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import Synchronization
import TestSupport

/// A TCP proxy in front of PostgreSQL that fails as networks do: it can cut off the answer to a commit, or go silent
/// while every connection stays open.
final class Proxy: Sendable {
    enum Fault: Sendable {
        case none
        /// The next batch of events, or the next COMMIT of another session, reaches the server, but the connection ends
        /// before its answer.
        case cutsCommit(ofEvents: Bool)
        /// Nothing passes in either direction, and no connection is closed. A connection of which something was lost
        /// stays silent afterwards, and its server's end is closed, as its keepalives would.
        case silent
    }

    let port: Int
    private let channel: any Channel
    private let state: State

    final class State: Sendable {
        private let fault = Mutex(Fault.none)
        private let cuts = Mutex(0)
        /// The servers' ends of the connections of which something was lost.
        private let lost = Mutex<[ObjectIdentifier: any Channel]>([:])

        func set(_ new: Fault) {
            fault.withLock { $0 = new }
            if case .silent = new { return }
            for server in lost.withLock({ $0.values }) { server.close(promise: nil) }
        }

        /// - Returns: whether what is to pass now is lost, because the network is silent or has lost what came before.
        func loses(onConnectionTo server: any Channel) -> Bool {
            fault.withLock { fault in
                lost.withLock { lost in
                    if case .silent = fault { lost[ObjectIdentifier(server)] = server }
                    return lost[ObjectIdentifier(server)] != nil
                }
            }
        }

        /// How many answers were cut off.
        var count: Int { cuts.withLock { $0 } }

        /// - Returns: whether to cut off this commit's answer.
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
        /// Whether it is the session that writes events: each batch is one statement and its own transaction.
        private var isIngest = false

        init(to other: any Channel, _ state: State, isClient: Bool) {
            self.other = other
            self.state = state
            self.isClient = isClient
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            if state.loses(onConnectionTo: isClient ? other : context.channel) { return }
            let bytes = unwrapInboundIn(data)
            if isClient, commits(bytes) {
                // The commit arrives, but the client never gets the answer.
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
                // Bind to Sync in one piece: a statement that was itself cut would not be executed.
                let isWhole = text.hasPrefix("B") && Array(bytes.readableBytesView.suffix(5)) == [0x53, 0, 0, 0, 4]
                return isWhole && text.contains("evt_") && state.takeCommit(ofEvents: true)
            }
            return text.contains("COMMIT") && state.takeCommit(ofEvents: false)
        }

        func channelInactive(context: ChannelHandlerContext) {
            if state.loses(onConnectionTo: isClient ? other : context.channel) { return }
            other.close(promise: nil)
        }
    }
}
