// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHTTP1

/// One request of a hot route and what has been collected of it. Used only on the event loop. A class, so that a body
/// that arrives in many parts grows in place, and a late reply can tell by identity that the exchange is over.
class HotExchange {
    private let entry: HotRoutes.Entry
    private let start = ContinuousClock.now
    fileprivate let head: HTTPRequestHead
    fileprivate let parameters: HotPath.Parameters
    fileprivate let connection: ConnectionHandler
    fileprivate let loop: any EventLoop
    fileprivate private(set) var body = ByteBuffer()
    /// The lease of a large body.
    fileprivate private(set) var lease: BodyMemory.Lease?

    init(
        _ entry: HotRoutes.Entry, _ head: HTTPRequestHead, _ parameters: HotPath.Parameters,
        on connection: ConnectionHandler,
        loop: any EventLoop
    ) {
        self.entry = entry
        self.head = head
        self.parameters = parameters
        self.connection = connection
        self.loop = loop
    }

    var method: HTTPMethod { head.method }

    /// Called before any of the body is kept.
    /// - Throws: the answer.
    final func begin(_ framing: RequestFraming, from remoteAddress: SocketAddress?) throws(ProblemDetails) {
        if entry.bodyLimit != .none {
            try entry.bodyLimit.admit(announced: framing.contentLength, isEncoded: framing.hasContentEncoding)
        }
        try admit(head.headers, from: remoteAddress)
    }

    /// - Throws: the answer.
    final func collect(_ bytes: ByteBuffer) throws(ProblemDetails) {
        guard entry.bodyLimit != .none else { return }  // nobody reads it
        let size = body.readableBytes + bytes.readableBytes
        try entry.bodyLimit.admit(size: size)
        if size > BodyMemory.freeSize, !takeMemory(bytes.readableBytes) { throw .tooManyBodies }
        if body.readableBytes == 0 {
            // Most bodies come in one part, which is then not copied.
            body = bytes
        } else {
            body.writeImmutableBuffer(bytes)
        }
    }

    private func takeMemory(_ count: Int) -> Bool {
        guard let memory = entry.memory else { return true }
        if let lease { return lease.take(count) }
        let place = NIOLoopBound(WeakExchange(self), eventLoop: loop)
        let lease = BodyMemory.Lease(memory) { [loop] in
            loop.execute { place.value.exchange?.finish(with: HotAnswer(.tooManyBodies)) }
        }
        self.lease = lease
        return lease.take(count)
    }

    /// Finds the exchange whose body must make room. Weak, because the exchange holds the lease that holds this.
    private final class WeakExchange {
        private(set) weak var exchange: HotExchange?

        init(_ exchange: HotExchange) {
            self.exchange = exchange
        }
    }

    /// The request was read to its end.
    final func complete(from remoteAddress: SocketAddress?) {
        lease?.keep()
        answer(from: remoteAddress)
    }

    final func finish(with answer: HotAnswer) {
        connection.finish(self, with: answer)
    }

    final func measure(_ status: HTTPResponseStatus) {
        entry.duration(of: head.method, status: Int(status.code)).record(start.duration(to: .now))
    }

    // MARK: Overridden for the route

    fileprivate func admit(_ headers: HTTPHeaders, from remoteAddress: SocketAddress?) throws(ProblemDetails) {}

    fileprivate func answer(from remoteAddress: SocketAddress?) {}
}

/// An exchange with its route, whose claim it keeps.
final class HotExchangeOf<Route: HotRoute>: HotExchange {
    private let route: Route
    private var claim: Route.Claim?

    init(
        _ route: Route, _ entry: HotRoutes.Entry, _ head: HTTPRequestHead, _ parameters: HotPath.Parameters,
        on connection: ConnectionHandler, loop: any EventLoop
    ) {
        self.route = route
        super.init(entry, head, parameters, on: connection, loop: loop)
    }

    override fileprivate func admit(_ headers: HTTPHeaders, from remoteAddress: SocketAddress?) throws(ProblemDetails) {
        claim = try route.admit(headers, from: remoteAddress)
    }

    override fileprivate func answer(from remoteAddress: SocketAddress?) {
        guard let claim else { preconditionFailure("a request is answered before it was admitted") }
        let request = HotRequest(
            target: head.uri, headers: head.headers, remoteAddress: remoteAddress, parameters: parameters, body: body,
            lease: lease, claim: claim)
        route.answer(request, HotReply(self, on: loop))
    }
}

extension ProblemDetails {
    fileprivate static var tooManyBodies: ProblemDetails {
        .serviceUnavailable(detail: "Too many large bodies at once.", retryAfter: 1)
    }
}
