// SPDX-License-Identifier: Apache-2.0

import Console
import NIOCore

/// One connection of a closed loop: a request, its answer, the next request.
final class LoadConnection<Source: RequestSource>: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let run: LoadRun<Source>
    private var context: ChannelHandlerContext?
    /// Reused from one request to the next, so that none allocates memory of its own.
    private var request = ByteBuffer()
    private var reader = AnswerReader()
    /// Nil while no answer is awaited.
    private var sentAt: NIODeadline?
    /// The number of the request that something may follow; nil while what follows is awaited.
    private var number: Int?

    init(_ run: LoadRun<Source>) {
        self.run = run
    }

    var isWaiting: Bool { sentAt != nil }

    func channelActive(context: ChannelHandlerContext) {
        self.context = context
        request = context.channel.allocator.buffer(capacity: 8_192)
        run.connected(self)
    }

    /// Sends the next request; closes if there is none.
    func send() {
        guard let context else { return }
        let now = NIODeadline.now()
        request.clear()
        guard let next = run.next(into: &request, at: now) else {
            close()
            run.retire(self)
            return
        }
        (number, sentAt) = (next, now)
        context.writeAndFlush(wrapOutboundOut(request), promise: nil)
    }

    /// Sends what follows the request that was answered.
    /// - Returns: false if nothing does.
    private func follow() -> Bool {
        guard let context, let number else { return false }
        request.clear()
        guard run.follow(number, into: &request) else { return false }
        (self.number, sentAt) = (nil, NIODeadline.now())
        context.writeAndFlush(wrapOutboundOut(request), promise: nil)
        return true
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        unwrapInboundIn(data).withUnsafeReadableBytes { bytes in take(bytes, isEnd: false) }
    }

    private func take(_ bytes: UnsafeRawBufferPointer, isEnd: Bool) {
        reader.read(bytes, isEnd: isEnd) { step in
            switch step {
            case .incomplete: return
            case .malformed: lose("an answer that is not HTTP/1.1")
            case .answer(let status, let word, let closes):
                // An answer that nobody asked for, such as 408 on an idle connection: it ends the connection.
                guard let sentAt else { return }
                run.answered(status, word, sentAt: sentAt, isFollowUp: number == nil)
                self.sentAt = nil
                if closes {
                    close()
                    run.closed(self)
                } else if !((200..<300).contains(status) && follow()) {
                    send()
                }
            }
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        // An answer without a length ends with its connection.
        if isWaiting, reader.hasPart { take(UnsafeRawBufferPointer(start: nil, count: 0), isEnd: true) }
        if self.context != nil { lose("the server closed the connection without an answer") }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        lose(ServiceClient.cause(error))
    }

    /// Closes it without telling the run.
    func close() {
        let context = context
        self.context = nil
        context?.close(promise: nil)
    }

    private func lose(_ cause: String) {
        guard context != nil else { return }
        let wasWaiting = isWaiting
        sentAt = nil
        close()
        run.lost(self, cause: wasWaiting ? cause : nil)
    }
}
