// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Stands in front of the HTTP/1 parser and feeds it one request at a time: while an answer is in flight, or the client
/// does not read its answers, whatever else it sends stays here as bytes, and no more is read (back-pressure). Parsed,
/// it would take many times the memory. `ConnectionHandler`, after the parser, says when the next may come.
final class RequestPacer: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    /// Why a request is refused that the parser would accept.
    enum Refusal: Error {
        /// The heads of all connections together take too much memory.
        case headMemory
        /// The client sent more than is kept for it, and then closed its side.
        case tooMuchAhead
        case headTooLarge
        /// Line ends before a request.
        case tooManyLineEnds
        case malformedChunks
        /// The extensions and trailers of a chunked body.
        case chunkExtrasTooLarge
        /// The parser sees the end of a head or a body in another place than was found here.
        case unclearEnd
    }

    private enum Gate {
        /// A head is let through.
        case head
        /// The body of a request is let through.
        case body
        /// A request is being answered.
        case shut
        /// Nothing more is let through; what comes in is dropped.
        case discarding

        var isOpen: Bool { self == .head || self == .body }
    }

    private let limits: ListenerLimits
    private let headMemory: MemoryBudget
    private var context: ChannelHandlerContext?
    private var gate = Gate.head
    private var slices = RequestSlices()
    private var isPumping = false
    private var isReadHeld = false
    /// The client has closed its side; reported once everything before that has been let through.
    private var isInputClosed = false
    private var isCutOff = false
    /// Called once if the client leaves before its request is answered.
    private var onLeave: (() -> Void)?
    private var discarded = 0
    private var headLease: MemoryBudget.Lease?

    /// - Parameter headMemory: shared by all connections of a listener.
    init(limits: ListenerLimits, headMemory: MemoryBudget) {
        self.limits = limits
        self.headMemory = headMemory
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    // MARK: Called by the connection's handler

    /// A head was read; this body follows.
    func letThrough(_ body: RequestSlices.Body) {
        guard gate == .head else { return }
        gate = .body
        slices.expect(body)
    }

    /// A request was read to its end.
    /// - Returns: false if this is not where we counted its end: nobody knows then what the rest is.
    func shut() -> Bool {
        guard gate.isOpen else { return true }
        gate = .shut
        return slices.isAtEnd
    }

    /// The request is answered. `resume` lets through what waits, once the answer is on its way.
    func open() {
        onLeave = nil
        guard gate == .shut else { return }
        gate = .head
        slices.beginRequest()
        headLease = nil
    }

    /// Calls `leave` once if the client closes its side, or the connection ends, before the request is answered: who only
    /// waits for an answer need not wait on.
    func whenClientLeaves(_ leave: @escaping () -> Void) {
        guard let context, context.channel.isActive, !isInputClosed else { return leave() }
        onLeave = leave
    }

    private func clientLeft() {
        let leave = onLeave
        onLeave = nil
        leave?()
    }

    /// Whether the parser has part of a head.
    var isInHead: Bool { gate == .head && slices.isInHead }

    func resume() {
        guard !isPumping, !slices.isEmpty || isInputClosed, let context else { return }
        if pump(context: context) { context.fireChannelReadComplete() }
    }

    /// The connection ends: what the client still sends is read and forgotten, so that it can read its last answer.
    func discard() {
        onLeave = nil
        guard gate != .discarding, let context else { return }
        gate = .discarding
        headLease = nil
        discarded = slices.count
        slices.removeAll()
        isReadHeld = false
        context.read()
    }

    /// Sends a whole answer, bypassing the encoder.
    func send(_ answer: ByteBuffer, promise: EventLoopPromise<Void>? = nil) {
        guard let context else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        context.writeAndFlush(Self.wrapOutboundOut(.byteBuffer(answer)), promise: promise)
    }

    /// Closes the connection once everything written has been sent to the client.
    func closeWhenWritten() {
        guard let context else { return }
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
        context.writeAndFlush(Self.wrapOutboundOut(.byteBuffer(ByteBuffer())), promise: written)
    }

    // MARK: Inbound

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = Self.unwrapInboundIn(data)
        if gate == .discarding {
            discarded += bytes.readableBytes
            if discarded > limits.discardedSize { context.close(promise: nil) }
        } else if slices.count + bytes.readableBytes > limits.aheadSize {
            // Reading stopped long before this, unless the client closes its side: then the rest is read at once.
            isCutOff = true
        } else if !isCutOff {
            slices.append(bytes)
            _ = pump(context: context)
        }
    }

    /// A loop, not recursion: when an answer to an earlier request calls it again, that call returns at once.
    /// - Returns: whether anything was let through.
    private func pump(context: ChannelHandlerContext) -> Bool {
        guard !isPumping else { return false }
        isPumping = true
        var isFed = false
        do throws(Refusal) {
            while gate.isOpen, context.channel.isWritable, let slice = try slices.next() {
                if gate == .head { try takeHeadMemory() }
                context.fireChannelRead(Self.wrapInboundOut(slice))
                isFed = true
            }
        } catch {
            context.fireErrorCaught(error)
        }
        isPumping = false
        guard slices.isEmpty else { return isFed }
        if isReadHeld {
            isReadHeld = false
            context.read()
        }
        if isInputClosed, gate.isOpen {
            isInputClosed = false
            if isCutOff { context.fireErrorCaught(Refusal.tooMuchAhead) }
            context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        }
        return isFed
    }

    /// A small head is free (the number of connections bounds them). This also ends a large one that the parser would
    /// read for ever: it counts neither line ends nor white space.
    private func takeHeadMemory() throws(Refusal) {
        let size = slices.headSize
        guard size <= limits.headerSize else { throw .headTooLarge }
        guard size > limits.freeHeaderSize else { return }
        let lease = headLease ?? MemoryBudget.Lease(headMemory)
        headLease = lease
        guard lease.take(size - lease.size) else { throw .headMemory }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        // Nothing further down the pipeline asks for more.
        if gate == .discarding { context.read() }
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        if slices.isEmpty {
            context.read()
        } else {
            isReadHeld = true
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case ChannelEvent.inputClosed = event else { return context.fireUserInboundEventTriggered(event) }
        isInputClosed = true
        resume()
        clientLeft()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        context.fireChannelWritabilityChanged()
        resume()
    }

    func channelInactive(context: ChannelHandlerContext) {
        gate = .discarding
        slices.removeAll()
        headLease = nil
        clientLeft()
        context.fireChannelInactive()
    }
}
