// SPDX-License-Identifier: Apache-2.0

import CoreMetrics
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import HTTP

/// The connection's own handlers, without a socket, and a responder behind them.
final class EmbeddedConnection {
    let channel = EmbeddedChannel()
    let routes = Responder()
    private let counter = ReadCounter()
    private let feeds = FeedCounter()

    init(
        headMemory: MemoryBudget = MemoryBudget(bytes: 1 << 20),
        hot: [any HotRoute] = [],
        _ change: (inout ListenerLimits) -> Void = { _ in }
    )
        throws
    {
        var limits = ListenerLimits()
        change(&limits)
        let pacer = RequestPacer(limits: limits, headMemory: headMemory)
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(counter)
        try pipeline.addHandler(pacer)
        try pipeline.addHandler(feeds)
        try pipeline.configureHTTPServerPipeline(withPipeliningAssistance: false, withErrorHandling: false)
        let durations = RequestDurations(listener: "test", factory: NOOPMetricsHandler.instance)
        let hot = HotRoutes(hot, durations: durations)
        try pipeline.addHandler(ConnectionHandler(limits: limits, pacer: pacer, routes: hot))
        try pipeline.addHandler(routes)
        channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
    }

    deinit {
        _ = try? channel.finish(acceptAlreadyClosed: true)
    }

    var requests: Int { routes.requests }
    var reads: Int { counter.reads }
    /// How often the parser was called.
    var fed: Int { feeds.count }

    /// The statuses of all answers so far.
    var statuses: [Int] {
        get throws {
            while let bytes = try channel.readOutbound(as: ByteBuffer.self) {
                routes.written += String(buffer: bytes)
            }
            return routes.written.matches(of: /HTTP\/1\.1 (\d+)/).compactMap { Int($0.output.1) }
        }
    }

    func send(_ text: String) throws {
        channel.pipeline.fireChannelRead(ByteBuffer(string: text))
        channel.pipeline.fireChannelReadComplete()
        channel.embeddedEventLoop.run()
    }

    func answer() throws {
        try routes.answer()
        channel.embeddedEventLoop.run()
    }
}

private final class ReadCounter: ChannelOutboundHandler {
    typealias OutboundIn = Any

    var reads = 0

    func read(context: ChannelHandlerContext) {
        reads += 1
        context.read()
    }
}

private final class FeedCounter: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    var count = 0

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        count += 1
        context.fireChannelRead(data)
    }
}

final class Responder: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    var answersAtOnce = false
    var requests = 0
    var parts = 0
    var trailers: HTTPHeaders?
    var errors: [any Error] = []
    var written = ""
    private var context: ChannelHandlerContext?

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        parts += 1
        guard case .end(let trailers) = Self.unwrapInboundIn(data) else { return }
        self.trailers = trailers
        requests += 1
        if answersAtOnce { try? answer() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        errors.append(error)
    }

    func answer() throws {
        let context = try #require(context)
        let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: ["content-length": "0"])
        context.write(Self.wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(Self.wrapOutboundOut(.end(nil)), promise: nil)
    }
}
