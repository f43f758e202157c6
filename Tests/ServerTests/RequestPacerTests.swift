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

    @Test(
        arguments: [
            String(repeating: "\n", count: 16_000), String(repeating: "\r\n", count: 8000),
            "\(chunked)3e80\r\n" + String(repeating: "\n", count: 16_000),
            chunked + String(repeating: "1\r\na\r\n", count: 2600),
            chunked + String(repeating: "2\r\n\r\n\r\n", count: 2600),
            "\(chunked)0\r\n" + String(repeating: "a:\r\n", count: 4000),
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 16000\r\n\r\n" + String(repeating: "\n", count: 16_000),
        ].map(LongText.init))
    func `the parser is called for a head and for a body, whatever bytes one read has`(_ read: LongText) throws {
        let connection = try Connection()
        try connection.send(read.text)
        #expect(connection.fed <= 2)
        #expect(connection.routes.parts <= 3)
    }

    @Test func `requests behind a body in chunks wait for its answer`() throws {
        let connection = try Connection()
        let bodies = ["0\r\n\r\n", "1\r\n\n\r\n0\r\nA: b\r\n\r\n\r\n", "1;a\r\n\n\r\n2\r\n\r\n\r\n0;b\r\n\r\n"]
        for body in bodies { try connection.send(String(repeating: Self.chunked + body, count: 100)) }
        for answered in 1...299 {
            #expect(connection.requests == answered)
            try connection.answer()
        }
        #expect(connection.requests == 300)
    }

    @Test(arguments: [
        "chunked", "Chunked", " chunked ", "\tCHUNKED", "chunked \t", "chunked,", ",chunked", "chunked;a",
        "chunked, identity",
        "identity", "xchunked", "chunked\u{b}", "\"chunked\"", "chunked\0", "chun\r\n ked", "\r\n chunked",
        "chunked\r\nTransfer-Encoding: identity", "chunked\r\nTransfer-Encoding: chunked",
        "chunked\r\nContent-Length: 5", "chunked\r\nContent-Length: 0", "", "identity\r\nContent-Length: 3",
    ])
    func `whatever codings a body names, it is never taken for a request`(_ coding: String) throws {
        for body in [
            "\(Self.request)\(Self.request)", "5\r\nabcde\r\n0\r\n\r\n\(Self.request)", "0\r\n\r\n\(Self.request)",
        ] {
            let connection = try Connection()
            connection.routes.answersAtOnce = true
            try connection.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\(coding)\r\n\r\n" + body)
            let isChunked =
                ["chunked", "Chunked", " chunked ", "\tCHUNKED", ",chunked"].contains(coding) && !body.hasPrefix("G")
            #expect(connection.requests == (isChunked ? 2 : 0), "\(coding.debugDescription) \(body.debugDescription)")
        }
    }

    @Test(
        arguments: [
            String(repeating: "\r", count: 1 << 20), String(repeating: "\n", count: 1 << 20),
            "GET / HTTP/1.1\r\nHost: x\r\nX:" + String(repeating: " ", count: 1 << 20),
            "GET " + String(repeating: " ", count: 1 << 20),
            "GET / HTTP/1.1\r\nHost: x\r\nX:" + String(repeating: "\r\n ", count: 1 << 18),
        ].map(LongText.init))
    func `no connection takes more of the heads' budget than one head`(_ sent: LongText) throws {
        var limits = ListenerLimits()
        limits.headerSize = 64 * 1024
        let budget = MemoryBudget(bytes: 2 * limits.headerSize)
        let connection = try Connection(headMemory: budget)
        for piece in sent.text.split(by: 16 * 1024) {
            try connection.send(piece)
            // Held beside it: what is left of the budget must always have room for another.
            #expect(MemoryBudget.Lease(budget).take(limits.headerSize))
        }
        #expect(try [400, 431].contains(connection.statuses.first))
    }

    @Test func `the trailers of a body are neither kept nor passed on, and bounded`() throws {
        let connection = try Connection()
        let trailer = "T: " + String(repeating: "v", count: 600) + "\r\n"
        try connection.send(Self.chunked + "1\r\na\r\n0\r\n" + String(repeating: trailer, count: 6))
        #expect(connection.fed == 2)
        try connection.send("\r\n")
        #expect(connection.requests == 1)
        #expect(connection.routes.trailers == nil)
        try connection.answer()
        try connection.send(Self.chunked + "1\r\na\r\n0\r\n" + String(repeating: trailer, count: 7))
        #expect(connection.requests == 1)
        let problem = try #require(connection.routes.errors.first as? ProblemDetails)
        #expect(problem.status == .requestHeaderFieldsTooLarge)
    }

    private static let chunked = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"

    private final class Connection {
        let channel = EmbeddedChannel()
        let routes = Routes()
        private let counter = ReadCounter()
        private let feeds = FeedCounter()

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
            try pipeline.addHandler(feeds)
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
        /// How often the parser was called.
        var fed: Int { feeds.count }

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

    private final class FeedCounter: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        var count = 0

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            count += 1
            context.fireChannelRead(data)
        }
    }

    private final class Routes: ChannelInboundHandler {
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
}

extension String {
    /// In pieces of so many bytes.
    fileprivate func split(by size: Int) -> [String] {
        let bytes = Array(utf8)
        return stride(from: 0, to: bytes.count, by: size).map {
            String(decoding: bytes[$0..<min(bytes.count, $0 + size)], as: UTF8.self)
        }
    }
}
