// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHTTP1
import Synchronization
import Testing

@testable import HTTP

/// Hot routes without a socket: what each request costs the connection.
@Suite struct HotExchangeTests {
    private static let get = "GET /hot HTTP/1.1\r\nHost: x\r\n\r\n"
    private static let post = "POST /hot HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"

    @Test func `a request that was read whole is parsed in one call, and answered with one write`() throws {
        let connection = try EmbeddedConnection(hot: [Echo(method: .GET), Echo(method: .POST)])
        for (place, request) in [Self.get, Self.post, Self.post].enumerated() {
            try connection.send(request)
            #expect(connection.fed == place + 1)
            let answer = try #require(try connection.channel.readOutbound(as: ByteBuffer.self))
            #expect(String(buffer: answer).hasSuffix(request == Self.get ? "\r\n\r\n[]" : "\r\n\r\n[hello]"))
            #expect(try connection.channel.readOutbound(as: ByteBuffer.self) == nil)
        }
        #expect(connection.routes.parts == 0)
    }

    @Test func `however a request is cut, its answer is the same`() throws {
        for size in 1...Self.post.utf8.count {
            let connection = try EmbeddedConnection(hot: [Echo(method: .POST)])
            for piece in (Self.post + Self.post).split(by: size) { try connection.send(piece) }
            #expect(try connection.statuses == [200, 200], "\(size)")
            #expect(connection.routes.written.matches(of: /\[hello\]/).count == 2, "\(size)")
        }
    }

    @Test func `an answer before the body's end is the last, also where the body was read with its head`() throws {
        for request in [Self.post, Self.post + Self.post, String(Self.post.dropLast())] {
            let connection = try EmbeddedConnection(hot: [Refusal()])
            try connection.send(request)
            #expect(try connection.statuses == [403])
            #expect(connection.routes.written.contains("\r\nConnection: close\r\n"))
            try connection.send(Self.get)
            #expect(try connection.statuses == [403])
        }
    }

    @Test(arguments: [(100_000, [100]), (100_001, [413])])
    func `a client that asks first is told to go on with as much as some route reads`(size: Int, statuses: [Int]) throws
    {
        let connection = try EmbeddedConnection(hot: [Echo(method: .PUT), Echo(method: .POST, limit: 100_000)])
        try connection.send(
            "POST /hot HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: \(size)\r\n\r\n")
        #expect(try connection.statuses == statuses)
    }

    @Test func `a late answer to a request that was given up is dropped`() throws {
        let late = Late()
        let connection = try EmbeddedConnection(hot: [late])
        try connection.send(Self.get)
        #expect(try connection.statuses == [])
        let reply = try #require(late.reply)
        reply(HotAnswer([]))
        #expect(try connection.statuses == [200])
        reply(HotAnswer([]))
        try connection.send(Self.get)
        reply(HotAnswer([]))
        #expect(try connection.statuses == [200])
    }

    @Test func `what the parser finds wrong in a body is the answer to its request`() throws {
        let connection = try EmbeddedConnection(hot: [Echo(method: .POST)])
        try connection.send("POST /hot HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")
        #expect(try connection.statuses == [400])
        #expect(connection.routes.written.contains("malformed_request"))
        #expect(connection.routes.errors.isEmpty)
    }

    /// Answers with the body in brackets.
    private struct Echo: HotRoute {
        let method: HTTPMethod
        let path = HotPath("/hot")
        let bodyLimit: BodyLimit

        init(method: HTTPMethod, limit: Int = 10) {
            self.method = method
            bodyLimit = BodyLimit(bytes: limit)
        }

        func answer(_ request: HotRequest<Void>, _ reply: HotReply) {
            reply(HotAnswer(Array("[\(String(buffer: request.body))]".utf8)))
        }
    }

    /// Refuses every request.
    private struct Refusal: HotRoute {
        let method = HTTPMethod.POST
        let path = HotPath("/hot")
        let bodyLimit = BodyLimit(bytes: 10)

        func admit(_ headers: HTTPHeaders, from remoteAddress: SocketAddress?) throws(ProblemDetails) -> Int {
            throw .forbidden()
        }

        func answer(_ request: HotRequest<Int>, _ reply: HotReply) {
            Issue.record("it was not admitted")
        }
    }

    /// Answers when the test does.
    private final class Late: HotRoute {
        let method = HTTPMethod.GET
        let path = HotPath("/hot")
        let bodyLimit = BodyLimit.none
        private let last = Mutex<HotReply?>(nil)

        var reply: HotReply? { last.withLock { $0 } }

        func answer(_ request: HotRequest<Void>, _ reply: HotReply) {
            last.withLock { $0 = reply }
        }
    }
}
