// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHTTP1

/// Stands between the HTTP/1 parser and the code that answers: lets one request through at a time, limits how long a
/// client may take, answers what cannot be a request with problem+json, invites announced bodies (`100 Continue`),
/// answers hot routes on the event loop, and ends connections so that the client can still read its last answer.
/// `ConnectionState` decides what it does.
final class ConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let limits: ListenerLimits
    private let pacer: RequestPacer
    private let routes: HotRoutes
    private var state = ConnectionState()
    private var timer: ConnectionTimer?
    private var context: ChannelHandlerContext?
    /// The exchange of a hot route; nil while Hummingbird has the request, and between requests.
    private var exchange: HotExchange?

    /// - Parameters:
    ///   - pacer: the pacer of the same connection.
    ///   - routes: the hot routes; all other requests are passed on.
    init(limits: ListenerLimits, pacer: RequestPacer, routes: HotRoutes) {
        self.limits = limits
        self.pacer = pacer
        self.routes = routes
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        timer = ConnectionTimer(on: context.eventLoop.assumeIsolated()) { wait in
            self.expired(wait, context: context)
        }
        if context.channel.isActive { settle(context: context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        letGo()
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        settle(context: context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        letGo()
        context.fireChannelInactive()
    }

    private func letGo() {
        timer?.cancel()
        timer = nil
        exchange = nil
    }

    // MARK: Inbound

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch Self.unwrapInboundIn(data) {
        case .head(let head):
            receive(head, data, context: context)
        case .body(let bytes):
            guard case .pass = state.receivedBody() else { return }
            guard let exchange else { return context.fireChannelRead(data) }
            answering(exchange) { () throws(ProblemDetails) in try exchange.collect(bytes) }
        case .end:
            guard case .pass = state.receivedEnd() else { return }
            if !pacer.shut() { state.endWithAnswer() }
            // The answer has a time limit of its own, and so has the next request.
            timer?.stop()
            guard let exchange else { return context.fireChannelRead(data) }
            exchange.complete(from: context.remoteAddress)
        }
    }

    private func receive(_ original: HTTPRequestHead, _ data: NIOAny, context: ChannelHandlerContext) {
        var head = original
        let framing = RequestFraming.read(&head)
        switch state.received(framing, largestBody: routes.largestBody) {
        case .begin(let body, let invites):
            pacer.letThrough(body)
            if invites {
                let invitation = HTTPResponseHead(version: .http1_1, status: .continue)
                context.writeAndFlush(Self.wrapOutboundOut(.head(invitation)), promise: nil)
            }
            guard let exchange = routes.exchange(for: head, on: self, loop: context.eventLoop) else {
                return context.fireChannelRead(framing.isPadded ? Self.wrapInboundOut(.head(head)) : data)
            }
            self.exchange = exchange
            answering(exchange) { () throws(ProblemDetails) in
                try exchange.begin(framing, from: context.remoteAddress)
            }
        case .refuse(let problem):
            refuse(problem, context: context)
        case .discard:
            pacer.discard()
        default:
            break
        }
    }

    private func answering(_ exchange: HotExchange, _ step: () throws(ProblemDetails) -> Void) {
        do throws(ProblemDetails) {
            try step()
        } catch {
            finish(exchange, with: HotAnswer(error))
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        state.readCompleted(isInHead: pacer.isInHead)
        settle(context: context)
        context.fireChannelReadComplete()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case let error as HTTPParserError: act(on: state.failed(ProblemDetails(error)), context: context)
        case let error as RequestPacer.Refusal: act(on: state.failed(ProblemDetails(error)), context: context)
        case is ByteToMessageDecoderError: break  // about bytes that nobody waits for
        default:
            guard let exchange, state.isReadingBody else { return context.fireErrorCaught(error) }
            finish(exchange, with: HotAnswer(ProblemDetails(ofBody: error)))
        }
    }

    private func expired(_ wait: ConnectionTimer.Wait, context: ChannelHandlerContext) {
        act(on: state.expired(wait), context: context)
    }

    private func act(on action: ConnectionState.Action, context: ChannelHandlerContext) {
        switch action {
        case .refuse(let problem):
            refuse(problem, context: context)
        case .abandon(let problem):
            timer?.stop()
            pacer.discard()
            if let exchange {
                finish(exchange, with: HotAnswer(problem))
            } else {
                context.fireErrorCaught(problem)
            }
        case .close:
            context.close(promise: nil)
        default:
            break
        }
    }

    /// Neither event is passed on: Hummingbird would cut off the last answer.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent:
            if case .closeWhenWritten = state.quiesce() { closeWhenWritten() }
        case ChannelEvent.inputClosed:
            if case .closeWhenWritten = state.inputClosed() { closeWhenWritten() }
        default:
            context.fireUserInboundEventTriggered(event)
        }
    }

    // MARK: Outbound

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        // After the connection's last answer, Hummingbird may still answer an error that the parser reported.
        switch Self.unwrapOutboundIn(data) {
        case .head(let head) where head.status.code >= 200:
            guard let connection = beginAnswer() else { break }
            var head = head
            if let option = connection.option { head.headers.replaceOrAdd(name: "connection", value: option) }
            return context.write(Self.wrapOutboundOut(.head(head)), promise: promise)
        case .head, .body:
            guard case .pass = state.answerContinues() else { break }
            return context.write(data, promise: promise)
        case .end:
            switch state.answerEnds() {
            case .proceed:
                context.write(data, promise: promise)
                pacer.open()
                return settle(context: context)
            case .finish:
                return context.writeAndFlush(data, promise: lastWrite(promise, context: context))
            default: break
            }
        }
        promise?.fail(ChannelError.ioOnClosedChannel)
    }

    func flush(context: ChannelHandlerContext) {
        context.flush()
        if state.isBetweenRequests { pacer.resume() }
    }

    private func beginAnswer() -> ConnectionState.Connection? {
        guard case .answer(let connection, let discards) = state.answerBegins() else { return nil }
        if discards {
            timer?.stop()
            pacer.discard()
        }
        return connection
    }

    /// - Parameter exchange: not answered if it is no longer the current one.
    func finish(_ exchange: HotExchange, with answer: HotAnswer) {
        guard self.exchange === exchange, let context else { return }
        self.exchange = nil
        exchange.measure(answer.status)
        guard let connection = beginAnswer() else { return }
        let bytes = answer.encoded(
            connection: connection.option, date: routes.date.text, isToHead: exchange.method == .HEAD)
        switch state.answerEnds() {
        case .proceed:
            pacer.send(bytes)
            pacer.open()
            settle(context: context)
            pacer.resume()
        case .finish:
            pacer.send(bytes, promise: lastWrite(nil, context: context))
        default:
            break
        }
    }

    /// Answers instead of a route, and ends the connection.
    private func refuse(_ problem: ProblemDetails, context: ChannelHandlerContext) {
        let connection = ConnectionState.Connection.closed
        let bytes = HotAnswer(problem).encoded(connection: connection.option, date: routes.date.text)
        pacer.send(bytes, promise: lastWrite(nil, context: context))
    }

    // MARK: Closing

    /// - Returns: the promise for the write that ends the last answer.
    private func lastWrite(_ promise: EventLoopPromise<Void>?, context: ChannelHandlerContext) -> EventLoopPromise<Void>
    {
        timer?.start(.reader, limits.duration(of: .reader))
        pacer.discard()
        let written = promise ?? context.eventLoop.makePromise()
        written.futureResult.assumeIsolated().whenComplete { result in
            switch result {
            case .success:
                if case .linger = self.state.lastAnswerWritten() { self.linger(context: context) }
            case .failure:
                context.close(promise: nil)
            }
        }
        return written
    }

    private func closeWhenWritten() {
        timer?.start(.reader, limits.duration(of: .reader))
        pacer.discard()
        pacer.closeWhenWritten()
    }

    private func linger(context: ChannelHandlerContext) {
        timer?.start(.close, limits.duration(of: .close))
        pacer.discard()
        context.close(mode: .output, promise: nil)
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard case .output = mode else { return context.close(mode: mode, promise: promise) }
        if case .linger = state.outputClosed() { linger(context: context) }
        promise?.succeed()
    }

    // MARK: Time limits

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        settle(context: context)
        context.fireChannelWritabilityChanged()
    }

    /// Starts the limit for what is now waited for; one that is already running goes on.
    private func settle(context: ChannelHandlerContext) {
        switch state.limit(isWritable: context.channel.isWritable) {
        case .start(let wait): timer?.start(wait, limits.duration(of: wait))
        case .stop: timer?.stop()
        case .keep: break
        }
    }
}
