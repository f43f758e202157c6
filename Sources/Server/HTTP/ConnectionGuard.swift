import NIOCore
import NIOHTTP1

/// Guards one connection, between the parser of HTTP/1 and Hummingbird: limits how long a client may take, answers what
/// the parser refuses with problem+json, invites announced bodies (`100 Continue`), and ends connections so that the
/// client can still read its last answer.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private enum Phase {
        case open
        /// The last answer is on its way out.
        case ending
        /// Nothing more is said; what still comes is dropped.
        case lingering
    }

    private let limits: ListenerLimits
    private var timer: ConnectionTimer?
    private var phase = Phase.open

    /// Requests passed on whose answer is not yet written.
    private var unanswered = 0
    /// The headers of the newest request were read, its end was not.
    private var isReadingRequest = false
    /// Bytes of a request came, but not yet the end of its headers.
    private var hasHeaderBegun = false
    private var hasReadPart = false
    /// False: whatever else comes on this connection is dropped.
    private var takesRequests = true
    /// The connection ends with the last answer.
    private var isEnding = false
    /// The parser has stopped (`Upgrade`, `CONNECT`) and would pile up what comes.
    private var isDeaf = false
    private var discarded = 0
    /// The client waits for `100 Continue` before it sends the body.
    private var owesContinue = false
    /// The newest request speaks HTTP/1.0 and wants the connection kept: it must be told.
    private var tellsKeepAlive = false
    /// To be answered once the requests before it are.
    private var owedProblem: ProblemDetails?

    init(limits: ListenerLimits) {
        self.limits = limits
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
        switch Self.unwrapInboundIn(data) {
        case .head(let head):
            guard takesRequests else { return }
            begin(head, context: context)
        case .body(let bytes):
            guard isReadingRequest else { return discard(bytes.readableBytes, context: context) }
            owesContinue = false
        case .end:
            guard isReadingRequest else { return }
            isReadingRequest = false
            owesContinue = false
            // The next request has a limit of its own.
            timer?.stop()
        }
        context.fireChannelRead(data)
    }

    private func begin(_ head: HTTPRequestHead, context: ChannelHandlerContext) {
        unanswered += 1
        isReadingRequest = true
        hasHeaderBegun = false
        isDeaf = head.method == .CONNECT || head.headers.contains(name: "upgrade")
        tellsKeepAlive = head.version == .http1_0 && head.isKeepAlive
        if isEnding || isDeaf || !head.isKeepAlive {
            isEnding = true
            takesRequests = false
        }
        if head.headers.first(name: "expect")?.lowercased() == "100-continue", head.version != .http1_0 {
            let length = head.headers.first(name: "content-length").map { Int($0) ?? .max } ?? 0
            owesContinue = length <= limits.bodySize
            if unanswered == 1 { sendContinue(context: context) }
        }
    }

    private func sendContinue(context: ChannelHandlerContext) {
        guard owesContinue else { return }
        owesContinue = false
        let head = HTTPResponseHead(version: .http1_1, status: .continue)
        context.writeAndFlush(Self.wrapOutboundOut(.head(head)), promise: nil)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if phase == .lingering {
            // Hummingbird no longer asks for more.
            context.read()
        } else {
            if !hasReadPart, unanswered == 0, takesRequests { hasHeaderBegun = true }
            settle(context: context)
        }
        hasReadPart = false
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        if !isDeaf || isReadingRequest { context.read() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case ByteToMessageDecoderError.dataReceivedInErrorState(_, let bytes):
            discard(bytes.readableBytes, context: context)
        case let error as HTTPParserError:
            if isReadingRequest {
                abandonBody(error, context: context)
            } else if takesRequests {
                refuse(ProblemDetails(error), context: context)
            }
        default:
            context.fireErrorCaught(error)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // The server is stopping. Not passed on: Hummingbird would cut the last answer off.
        guard event is ChannelShouldQuiesceEvent else { return context.fireUserInboundEventTriggered(event) }
        isEnding = true
        if unanswered > 0 {
            takesRequests = false
        } else if !hasHeaderBegun, phase == .open {
            context.close(promise: nil)
        }
    }

    // MARK: What is answered

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        // After the connection's last answer, Hummingbird may still answer what the parser complained about.
        guard unanswered > 0 else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        switch Self.unwrapOutboundIn(data) {
        case .head(let head) where head.status.code >= 200:
            context.write(Self.wrapOutboundOut(.head(completed(head))), promise: promise)
        case .head, .body:
            context.write(data, promise: promise)
        case .end:
            unanswered -= 1
            guard unanswered == 0, isEnding else {
                context.write(data, promise: promise)
                if unanswered == 1 { sendContinue(context: context) }
                settle(context: context)
                return
            }
            if let problem = owedProblem {
                context.write(data, promise: promise)
                answer(problem, context: context)
            } else {
                end(with: data, promise: promise, context: context)
            }
        }
    }

    /// The head of an answer with what the connection's future adds.
    private func completed(_ head: HTTPResponseHead) -> HTTPResponseHead {
        guard unanswered == 1 else { return head }
        var head = head
        if isReadingRequest {
            // Answered before its end was read: what follows is part of it, however much that is.
            isEnding = true
            takesRequests = false
            isReadingRequest = false
            owesContinue = false
        }
        if isEnding {
            if owedProblem == nil { head.headers.replaceOrAdd(name: "connection", value: "close") }
        } else if tellsKeepAlive {
            head.headers.replaceOrAdd(name: "connection", value: "keep-alive")
        }
        return head
    }

    /// Answers in Hummingbird's place, as soon as the requests before are answered, and ends the connection.
    private func refuse(_ problem: ProblemDetails, context: ChannelHandlerContext) {
        takesRequests = false
        isEnding = true
        hasHeaderBegun = false
        if unanswered > 0 {
            owedProblem = problem
        } else {
            answer(problem, context: context)
        }
    }

    private func answer(_ problem: ProblemDetails, context: ChannelHandlerContext) {
        owedProblem = nil
        context.write(Self.wrapOutboundOut(.head(problem.closingHead)), promise: nil)
        context.write(Self.wrapOutboundOut(.body(.byteBuffer(problem.body))), promise: nil)
        end(with: NIOAny(HTTPServerResponsePart.end(nil)), promise: nil, context: context)
    }

    /// The handler of the request hears of it while it reads the body, and answers; then the connection ends.
    private func abandonBody(_ error: any Error, context: ChannelHandlerContext) {
        isReadingRequest = false
        takesRequests = false
        isEnding = true
        context.fireErrorCaught(error)
    }

    // MARK: How it ends

    private func end(with lastPart: NIOAny, promise: EventLoopPromise<Void>?, context: ChannelHandlerContext) {
        phase = .ending
        timer?.start(.reader, limits.idleTime)
        let written = promise ?? context.eventLoop.makePromise()
        written.futureResult.assumeIsolated().whenComplete { result in
            switch result {
            case .success where !self.isDeaf: self.linger(context: context)
            case .success, .failure: context.close(promise: nil)
            }
        }
        context.writeAndFlush(lastPart, promise: written)
    }

    /// Says that nothing more comes, and reads on for a while: closing a socket with unread data resets the connection,
    /// and the client would lose the answer.
    private func linger(context: ChannelHandlerContext) {
        phase = .lingering
        takesRequests = false
        isReadingRequest = false
        timer?.start(.close, limits.lingerTime)
        context.close(mode: .output, promise: nil)
        context.read()
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard case .output = mode else { return context.close(mode: mode, promise: promise) }
        // Hummingbird has nothing more to say. An answer on its way lingers by itself.
        if unanswered == 0, phase == .open { linger(context: context) }
        promise?.succeed()
    }

    private func discard(_ count: Int, context: ChannelHandlerContext) {
        discarded += count
        if discarded > limits.discardedSize { context.close(promise: nil) }
    }

    // MARK: How long it may take

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        settle(context: context)
        context.fireChannelWritabilityChanged()
    }

    /// Starts the limit of what is now waited for; one that already runs goes on.
    private func settle(context: ChannelHandlerContext) {
        guard phase == .open else { return }
        if !context.channel.isWritable {
            timer?.start(.reader, limits.idleTime)
        } else if isReadingRequest {
            timer?.start(.body, limits.bodyTime)
        } else if unanswered > 0 {
            timer?.stop()
        } else if hasHeaderBegun {
            timer?.start(.headers, limits.headerTime)
        } else {
            timer?.start(.request, limits.idleTime)
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
    /// The head of an answer that is a connection's last.
    fileprivate var closingHead: HTTPResponseHead {
        let headers: HTTPHeaders = [
            "content-type": Self.contentType, "content-length": String(body.readableBytes), "connection": "close",
        ]
        let status = HTTPResponseStatus(statusCode: status.code, reasonPhrase: title)
        return HTTPResponseHead(version: .http1_1, status: status, headers: headers)
    }
}
