import NIOCore
import NIOHTTP1

/// Guards one connection, between the parser of HTTP/1 and those who answer: lets one request through at a time, limits
/// how long a client may take, answers what cannot be a request with problem+json, invites announced bodies
/// (`100 Continue`), and ends connections so that the client can still read its last answer.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private enum Phase {
        /// For a request, or the rest of its headers.
        case waiting
        /// The headers of a request were passed on, its end was not.
        case receiving
        /// Nothing more of the request is passed on; its answer is not yet written.
        case answering
        /// The last answer is on its way out.
        case ending
        /// Nothing more is said; what still comes is dropped.
        case lingering
    }

    private let limits: ListenerLimits
    private let pacer: RequestPacer
    private var timer: ConnectionTimer?
    private var phase = Phase.waiting

    /// Bytes of a request came, but not yet the end of its headers.
    private var hasHeaderBegun = false
    private var hasReadPart = false
    /// The connection ends with the next answer.
    private var isEnding = false
    /// The client waits for `100 Continue` before it sends the body.
    private var owesContinue = false
    /// The request speaks HTTP/1.0 and wants the connection kept: it must be told.
    private var tellsKeepAlive = false

    /// - Parameter pacer: of the same connection.
    init(limits: ListenerLimits, pacer: RequestPacer) {
        self.limits = limits
        self.pacer = pacer
    }

    func handlerAdded(context: ChannelHandlerContext) {
        timer = ConnectionTimer(on: context.eventLoop.assumeIsolated()) { wait in
            self.expired(wait, context: context)
        }
        if context.channel.isActive { settle(context: context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        timer = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        settle(context: context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        timer = nil
        context.fireChannelInactive()
    }

    // MARK: What the client sends

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        hasReadPart = true
        switch (phase, Self.unwrapInboundIn(data)) {
        case (.waiting, .head(let head)):
            begin(head, context: context)
        case (.receiving, .body):
            owesContinue = false
            context.fireChannelRead(data)
        case (.receiving, .end):
            phase = .answering
            owesContinue = false
            if !pacer.shut() { isEnding = true }
            // The answer has a time of its own, and so has the next request.
            timer?.stop()
            context.fireChannelRead(data)
        case (.receiving, .head), (.answering, .head):
            // The pacer lets no second request through; were it wrong, the connection ends with this one.
            isEnding = true
            pacer.discard()
        case (.waiting, _), (.answering, _), (.ending, _), (.lingering, _):
            break  // of a request that is already answered, or refused
        }
    }

    private func begin(_ head: HTTPRequestHead, context: ChannelHandlerContext) {
        var head = head
        head.headers.trimValues()
        if let problem = head.framingProblem { return refuse(problem, context: context) }
        phase = .receiving
        hasHeaderBegun = false
        tellsKeepAlive = head.version == .http1_0 && head.isKeepAlive
        // After `CONNECT` and `Upgrade` the parser reads no further request.
        if head.method == .CONNECT || head.headers.contains(name: "upgrade") || !head.isKeepAlive { isEnding = true }
        // The parser lets digits through only; what they do not fit into is too large.
        let announced = head.headers.first(name: "content-length").map { Int($0) ?? .max }
        let length = announced ?? 0
        // It lets no request through that has both, and `framingProblem` none with another coding.
        let isChunked = announced == nil && head.headers.contains(name: "transfer-encoding")
        pacer.letThrough(isChunked ? .chunks : .length(length))
        if head.version != .http1_0, head.headers.first(name: "expect")?.lowercased() == "100-continue" {
            owesContinue = length <= limits.bodySize
            sendContinue(context: context)
        }
        context.fireChannelRead(Self.wrapInboundOut(.head(head)))
    }

    private func sendContinue(context: ChannelHandlerContext) {
        guard owesContinue else { return }
        owesContinue = false
        let head = HTTPResponseHead(version: .http1_1, status: .continue)
        context.writeAndFlush(Self.wrapOutboundOut(.head(head)), promise: nil)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if !hasReadPart, phase == .waiting { hasHeaderBegun = true }
        hasReadPart = false
        settle(context: context)
        context.fireChannelReadComplete()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch (phase, error) {
        case (.waiting, let error as HTTPParserError):
            refuse(ProblemDetails(error), context: context)
        case (.waiting, let error as RequestPacer.Refusal):
            refuse(ProblemDetails(error), context: context)
        case (.receiving, is HTTPParserError):
            abandonBody(error, context: context)
        case (.receiving, let error as RequestPacer.Refusal):
            abandonBody(ProblemDetails(error), context: context)
        case (_, is HTTPParserError), (_, is RequestPacer.Refusal), (_, is ByteToMessageDecoderError):
            break  // of bytes that nobody waits for
        default:
            context.fireErrorCaught(error)
        }
    }

    /// Neither event is passed on: Hummingbird would cut the last answer off.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent:
            // The server is stopping.
            isEnding = true
            if phase == .waiting, !hasHeaderBegun { endUnasked(context: context) }
        case ChannelEvent.inputClosed:
            // All requests before it are answered.
            isEnding = true
            if phase == .waiting { endUnasked(context: context) }
        default:
            context.fireUserInboundEventTriggered(event)
        }
    }

    // MARK: What is answered

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        // After the connection's last answer, Hummingbird may still answer what the parser complained about.
        guard phase == .receiving || phase == .answering else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        switch Self.unwrapOutboundIn(data) {
        case .head(let head) where head.status.code >= 200:
            context.write(Self.wrapOutboundOut(.head(completed(head))), promise: promise)
        case .head, .body:
            context.write(data, promise: promise)
        case .end where isEnding:
            end(with: data, promise: promise, context: context)
        case .end:
            phase = .waiting
            context.write(data, promise: promise)
            pacer.open()
            settle(context: context)
        }
    }

    func flush(context: ChannelHandlerContext) {
        context.flush()
        if phase == .waiting { pacer.resume() }
    }

    /// The head of an answer with what the connection's future adds.
    private func completed(_ head: HTTPResponseHead) -> HTTPResponseHead {
        if phase == .receiving {
            // Answered before its end was read: what follows is part of it, however much that is.
            stopReceiving()
        }
        var head = head
        if isEnding {
            head.headers.replaceOrAdd(name: "connection", value: "close")
        } else if tellsKeepAlive {
            head.headers.replaceOrAdd(name: "connection", value: "keep-alive")
        }
        return head
    }

    private func stopReceiving() {
        phase = .answering
        isEnding = true
        owesContinue = false
        timer?.stop()
        pacer.discard()
    }

    /// Answers in the place of a route, and ends the connection.
    private func refuse(_ problem: ProblemDetails, context: ChannelHandlerContext) {
        isEnding = true
        context.write(Self.wrapOutboundOut(.head(problem.closingHead)), promise: nil)
        context.write(Self.wrapOutboundOut(.body(.byteBuffer(problem.body))), promise: nil)
        end(with: NIOAny(HTTPServerResponsePart.end(nil)), promise: nil, context: context)
    }

    /// The handler of the request hears of it while it reads the body, and answers; then the connection ends.
    private func abandonBody(_ error: any Error, context: ChannelHandlerContext) {
        stopReceiving()
        context.fireErrorCaught(error)
    }

    // MARK: How it ends

    private func end(with lastPart: NIOAny, promise: EventLoopPromise<Void>?, context: ChannelHandlerContext) {
        phase = .ending
        timer?.start(.reader, limits.idleTime)
        pacer.discard()
        let written = promise ?? context.eventLoop.makePromise()
        written.futureResult.assumeIsolated().whenComplete { result in
            switch result {
            case .success: self.linger(context: context)
            case .failure: context.close(promise: nil)
            }
        }
        context.writeAndFlush(lastPart, promise: written)
    }

    /// Between requests there is nothing to say; answers before may still be on their way out.
    private func endUnasked(context: ChannelHandlerContext) {
        phase = .ending
        timer?.start(.reader, limits.idleTime)
        pacer.discard()
        pacer.closeWhenWritten()
    }

    /// Says that nothing more comes, and reads on for a while: closing a socket with unread data resets the connection,
    /// and the client would lose the answer.
    private func linger(context: ChannelHandlerContext) {
        phase = .lingering
        timer?.start(.close, limits.lingerTime)
        pacer.discard()
        context.close(mode: .output, promise: nil)
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard case .output = mode else { return context.close(mode: mode, promise: promise) }
        // Hummingbird has nothing more to say. An answer on its way lingers by itself.
        if phase == .waiting { linger(context: context) }
        promise?.succeed()
    }

    // MARK: How long it may take

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        settle(context: context)
        context.fireChannelWritabilityChanged()
    }

    /// Starts the limit of what is now waited for; one that already runs goes on.
    private func settle(context: ChannelHandlerContext) {
        switch phase {
        case .ending, .lingering: break  // with a limit of their own
        case _ where !context.channel.isWritable: timer?.start(.reader, limits.idleTime)
        case .waiting where hasHeaderBegun: timer?.start(.headers, limits.headerTime)
        case .waiting: timer?.start(.request, limits.idleTime)
        case .receiving: timer?.start(.body, limits.bodyTime)
        case .answering: timer?.stop()
        }
    }

    private func expired(_ wait: ConnectionTimer.Wait, context: ChannelHandlerContext) {
        switch wait {
        case .request, .reader, .close:
            context.close(promise: nil)
        case .headers:
            refuse(.requestTimeout(detail: "The headers did not come in time."), context: context)
        case .body:
            abandonBody(ProblemDetails.requestTimeout(detail: "The body did not come in time."), context: context)
        }
    }
}

extension ProblemDetails {
    fileprivate init(_ refusal: RequestPacer.Refusal) {
        switch refusal {
        case .headMemory:
            self = .serviceUnavailable(detail: "Too many large headers at once.", retryAfter: 1)
        case .tooMuchAhead:
            self = .serviceUnavailable(
                detail: "Too much was sent ahead of its answers; this and what follows was dropped.", retryAfter: 1)
        case .headTooLarge:
            self = .headersTooLarge
        case .tooManyLineEnds:
            self = .malformedRequest(detail: "There are too many line ends before the request.")
        case .malformedChunks:
            self = .malformedRequest(detail: "The chunks of the body are malformed.")
        case .chunkExtrasTooLarge:
            self = .chunkExtrasTooLarge
        case .unclearEnd:
            self = .malformedRequest(detail: "It is unclear where the request ends.")
        }
    }

    /// The head of an answer that is a connection's last.
    fileprivate var closingHead: HTTPResponseHead {
        let headers: HTTPHeaders = [
            "content-type": Self.contentType, "content-length": String(body.readableBytes), "connection": "close",
        ]
        let status = HTTPResponseStatus(statusCode: status.code, reasonPhrase: title)
        return HTTPResponseHead(version: .http1_1, status: status, headers: headers)
    }
}
