import CoreMetrics
import Metrics
import NIOCore
import NIOHTTP1

/// Answers direct routes between the connection's guard and Hummingbird, which gets all other requests. Answers keep the
/// order of the requests: while one is under way, what comes behind it waits here.
final class DirectResponder: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// What a client may send ahead of an answer before no more is read, in bytes.
    private static let aheadLimit = 64 * 1024
    /// What a head or an end takes in memory besides its bytes, at the most: a request of a few bytes is not free.
    private static let partSize = 512

    private enum State {
        case idle
        /// Hummingbird has the request.
        case passing(isRead: Bool, isAnswered: Bool)
        case direct(Exchange)
    }

    /// A request of a direct route. A class, so that a body which comes in many parts grows in place, and a late reply
    /// finds out by identity that it is over.
    private final class Exchange {
        let entry: DirectRouteTable.Entry
        let head: HTTPRequestHead
        let parameter: String
        let start: ContinuousClock.Instant
        let lease: MemoryBudget.Lease?
        var body = ByteBuffer()
        var isRead = false

        init(_ entry: DirectRouteTable.Entry, _ head: HTTPRequestHead, parameter: String) {
            self.entry = entry
            self.head = head
            self.parameter = parameter
            start = .now
            lease = entry.route.memory.map(MemoryBudget.Lease.init)
        }
    }

    private let table: DirectRouteTable
    private var state = State.idle
    private var ahead = CircularBuffer<HTTPServerRequestPart>(initialCapacity: 0)
    private var aheadSize = 0
    private var isReadHeld = false
    /// What waits is being taken up; an answer given meanwhile must not begin that anew, one call deeper each time.
    private var isTakingAhead = false

    init(table: DirectRouteTable) {
        self.table = table
    }

    // MARK: What the client sends

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = Self.unwrapInboundIn(data)
        if ahead.isEmpty, !waits(part) { return take(part, data, context: context) }
        aheadSize += Self.size(of: part)
        ahead.append(part)
    }

    private static func size(of part: HTTPServerRequestPart) -> Int {
        switch part {
        case .head(let head):
            head.headers.reduce(partSize + head.uri.utf8.count) { $0 + $1.name.utf8.count + $1.value.utf8.count }
        case .body(let bytes): partSize + bytes.readableBytes
        case .end: partSize
        }
    }

    /// Whether a part has to wait for the answer before it.
    private func waits(_ part: HTTPServerRequestPart) -> Bool {
        guard case .head = part else { return false }
        if case .idle = state { return false }
        return true
    }

    private func take(_ part: HTTPServerRequestPart, _ data: NIOAny, context: ChannelHandlerContext) {
        switch (state, part) {
        case (_, .head(let head)):
            begin(head, data, context: context)
        case (.passing(_, let isAnswered), .end):
            state = isAnswered ? .idle : .passing(isRead: true, isAnswered: false)
            context.fireChannelRead(data)
        case (.passing, .body):
            context.fireChannelRead(data)
        case (.direct(let exchange), .body(let bytes)):
            collect(bytes, exchange, context: context)
        case (.direct(let exchange), .end):
            exchange.isRead = true
            complete(exchange, context: context)
        case (.idle, _):
            break  // of a request that was refused early; the guard ends the connection
        }
    }

    private func begin(_ head: HTTPRequestHead, _ data: NIOAny, context: ChannelHandlerContext) {
        guard let (entry, parameter) = table.match(head) else {
            state = .passing(isRead: false, isAnswered: false)
            return context.fireChannelRead(data)
        }
        let exchange = Exchange(entry, head, parameter: parameter)
        state = .direct(exchange)
        let limit = entry.route.bodyLimit
        guard limit > 0 else { return }
        // The parser lets digits through only; what they do not fit into is too large.
        let announced = head.headers.first(name: "content-length").map { Int($0) ?? .max } ?? 0
        if head.headers.contains(name: "content-encoding") {
            finish(exchange, with: DirectAnswer(.unsupportedContentEncoding), context: context)
        } else if announced > limit {
            finish(exchange, with: DirectAnswer(.payloadTooLarge(limit: limit)), context: context)
        }
    }

    /// Counted as it arrives.
    private func collect(_ bytes: ByteBuffer, _ exchange: Exchange, context: ChannelHandlerContext) {
        let limit = exchange.entry.route.bodyLimit
        guard limit > 0 else { return }  // nobody reads it
        var problem: ProblemDetails?
        if exchange.body.readableBytes + bytes.readableBytes > limit {
            problem = .payloadTooLarge(limit: limit)
        } else if !(exchange.lease?.take(bytes.readableBytes) ?? true) {
            problem = .serviceUnavailable(detail: "Too many bodies at once.", retryAfter: 1)
        } else if exchange.body.readableBytes == 0 {
            // Most bodies come in one part, which is then not copied.
            exchange.body = bytes
        } else {
            exchange.body.writeImmutableBuffer(bytes)
        }
        if let problem { finish(exchange, with: DirectAnswer(problem), context: context) }
    }

    private func complete(_ exchange: Exchange, context: ChannelHandlerContext) {
        let request = DirectRequest(
            target: exchange.head.uri, headers: exchange.head.headers, remoteAddress: context.remoteAddress,
            parameter: exchange.parameter, body: exchange.body, lease: exchange.lease)
        let loop = context.eventLoop
        let here = NIOLoopBound((responder: self, exchange: exchange, context: context), eventLoop: loop)
        let finish: @Sendable (DirectAnswer) -> Void = { answer in
            here.value.responder.finish(here.value.exchange, with: answer, context: here.value.context)
        }
        exchange.entry.route.answer(request) { answer in
            if loop.inEventLoop {
                finish(answer())
            } else {
                loop.execute { finish(answer()) }
            }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard case .direct(let exchange) = state, !exchange.isRead else { return context.fireErrorCaught(error) }
        finish(exchange, with: DirectAnswer(ProblemDetails(ofBody: error)), context: context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        state = .idle
        ahead = []
        aheadSize = 0
        context.fireChannelInactive()
    }

    func read(context: ChannelHandlerContext) {
        isReadHeld = aheadSize > Self.aheadLimit
        if !isReadHeld { context.read() }
    }

    // MARK: What is answered

    private func finish(_ exchange: Exchange, with answer: DirectAnswer, context: ChannelHandlerContext) {
        guard case .direct(let current) = state, current === exchange else { return }
        state = .idle
        let status = Int(answer.status.code)
        exchange.entry.duration(of: exchange.head.method, status: status).record(exchange.start.duration(to: .now))

        var headers = HTTPHeaders()
        headers.reserveCapacity(4 + answer.headers.count)
        headers.add(name: "Content-Type", value: answer.contentType)
        headers.add(name: "Content-Length", value: String(answer.body.readableBytes))
        headers.add(name: "Date", value: table.date.text)
        for (name, value) in answer.headers { headers.add(name: name, value: value) }
        let head = HTTPResponseHead(version: .http1_1, status: answer.status, headers: headers)
        context.write(Self.wrapOutboundOut(.head(head)), promise: nil)
        if exchange.head.method != .HEAD {
            context.write(Self.wrapOutboundOut(.body(.byteBuffer(answer.body))), promise: nil)
        }
        context.writeAndFlush(Self.wrapOutboundOut(.end(nil)), promise: nil)
        takeAhead(context: context)
    }

    /// Hummingbird's answers.
    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .end = Self.unwrapOutboundIn(data), case .passing(let isRead, _) = state else {
            return context.write(data, promise: promise)
        }
        context.write(data, promise: promise)
        state = isRead ? .idle : .passing(isRead: false, isAnswered: true)
        // Its flush comes after this: what waited is taken up then.
    }

    func flush(context: ChannelHandlerContext) {
        context.flush()
        if case .idle = state { takeAhead(context: context) }
    }

    private func takeAhead(context: ChannelHandlerContext) {
        guard !isTakingAhead else { return }
        isTakingAhead = true
        var isPassedOn = false
        while let part = ahead.first, !waits(part) {
            ahead.removeFirst()
            aheadSize -= Self.size(of: part)
            take(part, NIOAny(part), context: context)
            if case .passing = state { isPassedOn = true }
        }
        isTakingAhead = false
        // Hummingbird looks at what it was given when a read is complete.
        if isPassedOn { context.fireChannelReadComplete() }
        if isReadHeld, aheadSize <= Self.aheadLimit {
            isReadHeld = false
            context.read()
        }
    }
}
