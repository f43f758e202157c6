import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import Server

/// The connection's own handlers, without a socket.
@Suite struct RequestPacerTests {
    private static let request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

    @Test func `one request is let through at a time, and no more is read while others wait`() throws {
        let connection = try Connection()
        try connection.send(String(repeating: Self.request, count: 500))
        #expect(connection.requests == 1)
        let reads = connection.reads
        connection.channel.pipeline.read()
        #expect(connection.reads == reads)
        for answered in 1...499 {
            try connection.answer()
            #expect(connection.requests == answered + 1)
        }
        #expect(connection.reads == reads + 1)
    }

    @Test func `a request that is answered at once lets the next one through in a loop`() throws {
        let connection = try Connection { $0.aheadSize = .max }
        connection.routes.answersAtOnce = true
        // As much on the stack as for one request: recursion would end the process.
        try connection.send(String(repeating: Self.request, count: 20_000))
        #expect(connection.requests == 20_000)
    }

    @Test func `nothing is let through while the client does not read its answers`() throws {
        let connection = try Connection()
        connection.channel.isWritable = false
        try connection.send(Self.request + Self.request)
        #expect(connection.requests == 0)
        connection.channel.isWritable = true
        connection.channel.pipeline.fireChannelWritabilityChanged()
        #expect(connection.requests == 1)
        connection.channel.isWritable = false
        try connection.answer()
        #expect(connection.requests == 1)
        connection.channel.isWritable = true
        connection.channel.pipeline.fireChannelWritabilityChanged()
        #expect(connection.requests == 2)
    }

    @Test func `a client that closes its side is answered what it asked before`() throws {
        let connection = try Connection()
        try connection.send(Self.request + Self.request)
        connection.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        try connection.answer()
        #expect(connection.channel.isActive)
        try connection.answer()
        #expect(connection.requests == 2)
        #expect(!connection.channel.isActive)
        #expect(try connection.statuses == [200, 200])
    }

    @Test func `what is sent ahead beyond the limit is dropped, and the client hears of it`() throws {
        let connection = try Connection { $0.aheadSize = 1000 }
        try connection.send(Self.request + "GET /" + String(repeating: "x", count: 900))
        // Past every hold, as when all is read because the client closes.
        try connection.send(String(repeating: "y", count: 200))
        try connection.send("z")
        connection.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        try connection.answer()
        #expect(try connection.statuses == [200, 503])
    }

    @Test func `the heads of all connections are taken from one budget`() throws {
        let budget = MemoryBudget(bytes: 20_000)
        let large = "GET / HTTP/1.1\r\nHost: x\r\nX: " + String(repeating: "x", count: 15_000)
        let first = try Connection(headMemory: budget)
        try first.send(large)
        let second = try Connection(headMemory: budget)
        try second.send(large)
        #expect(try second.statuses == [503])
        // A small one is free.
        let third = try Connection(headMemory: budget)
        try third.send(Self.request)
        #expect(third.requests == 1)
        // Given back with the answer.
        try first.send("\r\n\r\n")
        #expect(first.requests == 1)
        try first.answer()
        let fourth = try Connection(headMemory: budget)
        try fourth.send(large)
        #expect(try fourth.statuses == [])
    }

    private final class Connection {
        let channel = EmbeddedChannel()
        let routes = Routes()
        private let counter = ReadCounter()

        init(
            headMemory: MemoryBudget = MemoryBudget(bytes: 1 << 20), _ change: (inout ListenerLimits) -> Void = { _ in }
        )
            throws
        {
            var limits = ListenerLimits()
            change(&limits)
            let pacer = RequestPacer(limits: limits, headMemory: headMemory)
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(counter)
            try pipeline.addHandler(pacer)
            try pipeline.configureHTTPServerPipeline(withPipeliningAssistance: false, withErrorHandling: false)
            try pipeline.addHandler(ConnectionGuard(limits: limits, pacer: pacer))
            try pipeline.addHandler(routes)
            channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
        }

        deinit {
            _ = try? channel.finish(acceptAlreadyClosed: true)
        }

        var requests: Int { routes.requests }
        var reads: Int { counter.reads }

        /// Of all answers so far.
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

    private final class Routes: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        var answersAtOnce = false
        var requests = 0
        var written = ""
        private var context: ChannelHandlerContext?

        func handlerAdded(context: ChannelHandlerContext) { self.context = context }
        func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard case .end = Self.unwrapInboundIn(data) else { return }
            requests += 1
            if answersAtOnce { try? answer() }
        }

        func answer() throws {
            let context = try #require(context)
            let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: ["content-length": "0"])
            context.write(Self.wrapOutboundOut(.head(head)), promise: nil)
            context.writeAndFlush(Self.wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}
