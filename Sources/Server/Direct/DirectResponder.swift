import CoreMetrics
import Metrics
import NIOCore
import NIOHTTP1
import Stripe

/// Answers direct routes between the connection's guard and Hummingbird, which gets all other requests. The guard lets one
/// request through at a time.
final class DirectResponder: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    /// A request of a direct route. A class, so that a body which comes in many parts grows in place, and a late reply
    /// finds out by identity that it is over.
    private final class Exchange {
        let entry: DirectRouteTable.Entry
        let head: HTTPRequestHead
        let parameter: String
        let start: ContinuousClock.Instant
        var claim: SignatureHeader?
        /// Of a large body.
        var lease: BodyMemory.Lease?
        var body = ByteBuffer()
        var isRead = false

        init(_ entry: DirectRouteTable.Entry, _ head: HTTPRequestHead, parameter: String) {
            self.entry = entry
            self.head = head
            self.parameter = parameter
            start = .now
        }
    }

    private let table: DirectRouteTable
    /// nil while Hummingbird has the request, and between requests.
    private var exchange: Exchange?

    private var context: ChannelHandlerContext?

    init(table: DirectRouteTable) {
        self.table = table
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    // MARK: What the client sends

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (exchange, Self.unwrapInboundIn(data)) {
        case (nil, .head(let head)):
            begin(head, data, context: context)
        case (let exchange?, .body(let bytes)):
            collect(bytes, exchange, context: context)
        case (let exchange?, .end):
            exchange.isRead = true
            complete(exchange, context: context)
        case (nil, .body), (nil, .end), (_, .head):
            context.fireChannelRead(data)
        }
    }

    private func begin(_ head: HTTPRequestHead, _ data: NIOAny, context: ChannelHandlerContext) {
        guard let (entry, parameter) = table.match(head) else { return context.fireChannelRead(data) }
        let exchange = Exchange(entry, head, parameter: parameter)
        self.exchange = exchange
        let limit = entry.route.bodyLimit
        guard limit > 0 else { return }
        // The parser lets digits through only; what they do not fit into is too large.
        let announced = head.headers.first(name: "content-length").map { Int($0) ?? .max } ?? 0
        if head.headers.contains(name: "content-encoding") {
            finish(exchange, with: DirectAnswer(.unsupportedContentEncoding), context: context)
        } else if announced > limit {
            finish(exchange, with: DirectAnswer(.payloadTooLarge(limit: limit)), context: context)
        } else {
            do throws(ProblemDetails) {
                exchange.claim = try entry.route.admit(head.headers, from: context.remoteAddress)
            } catch {
                finish(exchange, with: DirectAnswer(error), context: context)
            }
        }
    }

    /// Counted as it arrives.
    private func collect(_ bytes: ByteBuffer, _ exchange: Exchange, context: ChannelHandlerContext) {
        let limit = exchange.entry.route.bodyLimit
        guard limit > 0 else { return }  // nobody reads it
        let size = exchange.body.readableBytes + bytes.readableBytes
        var problem: ProblemDetails?
        if size > limit {
            problem = .payloadTooLarge(limit: limit)
        } else if size > BodyMemory.freeSize, !takeMemory(bytes.readableBytes, exchange, context: context) {
            problem = .tooManyBodies
        } else if exchange.body.readableBytes == 0 {
            // Most bodies come in one part, which is then not copied.
            exchange.body = bytes
        } else {
            exchange.body.writeImmutableBuffer(bytes)
        }
        if let problem { finish(exchange, with: DirectAnswer(problem), context: context) }
    }

    private func takeMemory(_ count: Int, _ exchange: Exchange, context: ChannelHandlerContext) -> Bool {
        guard let memory = exchange.entry.route.memory else { return true }
        if exchange.lease == nil {
            let loop = context.eventLoop
            let place = NIOLoopBound(Place(self, exchange), eventLoop: loop)
            exchange.lease = BodyMemory.Lease(memory) { loop.execute { place.value.evict() } }
        }
        return exchange.lease?.take(count) ?? true
    }

    /// Where a body is that has to make room for others. Weak, for the exchange holds the lease that holds this.
    private final class Place {
        private weak var responder: DirectResponder?
        private weak var exchange: Exchange?

        init(_ responder: DirectResponder, _ exchange: Exchange) {
            self.responder = responder
            self.exchange = exchange
        }

        func evict() {
            guard let responder, let exchange, let context = responder.context else { return }
            responder.finish(exchange, with: DirectAnswer(.tooManyBodies), context: context)
        }
    }

    private func complete(_ exchange: Exchange, context: ChannelHandlerContext) {
        exchange.lease?.keep()
        let request = DirectRequest(
            target: exchange.head.uri, headers: exchange.head.headers, remoteAddress: context.remoteAddress,
            parameter: exchange.parameter, body: exchange.body, lease: exchange.lease, claim: exchange.claim)
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
        guard let exchange, !exchange.isRead else { return context.fireErrorCaught(error) }
        finish(exchange, with: DirectAnswer(ProblemDetails(ofBody: error)), context: context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        exchange = nil
        context.fireChannelInactive()
    }

    // MARK: What is answered

    private func finish(_ exchange: Exchange, with answer: DirectAnswer, context: ChannelHandlerContext) {
        guard self.exchange === exchange else { return }
        self.exchange = nil
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
    }
}

extension ProblemDetails {
    fileprivate static var tooManyBodies: ProblemDetails {
        .serviceUnavailable(detail: "Too many large bodies at once.", retryAfter: 1)
    }
}
