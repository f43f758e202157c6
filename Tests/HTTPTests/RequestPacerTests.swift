// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing

@testable import HTTP

/// The connection's own handlers, without a socket.
@Suite struct RequestPacerTests {
    private static let request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

    @Test func `one request is let through at a time, and no more is read while others wait`() throws {
        let connection = try EmbeddedConnection()
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
        let connection = try EmbeddedConnection { $0.aheadSize = .max }
        connection.routes.answersAtOnce = true
        // Requests must not recurse: that would overflow the stack.
        try connection.send(String(repeating: Self.request, count: 20_000))
        #expect(connection.requests == 20_000)
    }

    @Test func `nothing is let through while the client does not read its answers`() throws {
        let connection = try EmbeddedConnection()
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
        let connection = try EmbeddedConnection()
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
        let connection = try EmbeddedConnection { $0.aheadSize = 1000 }
        try connection.send(Self.request + "GET /" + String(repeating: "x", count: 900))
        // Arrives although reading is paused, as when the rest is read because the client closes.
        try connection.send(String(repeating: "y", count: 200))
        try connection.send("z")
        connection.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        try connection.answer()
        #expect(try connection.statuses == [200, 503])
    }

    @Test func `the heads of all connections are taken from one budget`() throws {
        let budget = MemoryBudget(bytes: 20_000)
        let large = "GET / HTTP/1.1\r\nHost: x\r\nX: " + String(repeating: "x", count: 15_000)
        let first = try EmbeddedConnection(headMemory: budget)
        try first.send(large)
        let second = try EmbeddedConnection(headMemory: budget)
        try second.send(large)
        #expect(try second.statuses == [503])
        // A small head takes nothing from the budget.
        let third = try EmbeddedConnection(headMemory: budget)
        try third.send(Self.request)
        #expect(third.requests == 1)
        // Returned with the answer.
        try first.send("\r\n\r\n")
        #expect(first.requests == 1)
        try first.answer()
        let fourth = try EmbeddedConnection(headMemory: budget)
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
        let connection = try EmbeddedConnection()
        try connection.send(read.text)
        #expect(connection.fed <= 2)
        #expect(connection.routes.parts <= 3)
    }

    @Test func `requests behind a body in chunks wait for its answer`() throws {
        let connection = try EmbeddedConnection()
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
            let connection = try EmbeddedConnection()
            connection.routes.answersAtOnce = true
            try connection.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\(coding)\r\n\r\n" + body)
            let isChunked =
                ["chunked", "Chunked", " chunked ", "\tCHUNKED", ",chunked"].contains(coding) && !body.hasPrefix("G")
            #expect(connection.requests == (isChunked ? 2 : 0), "\(coding.debugDescription) \(body.debugDescription)")
        }
    }

    @Test(arguments: [
        "Content-Length: 3", "content-length:3", "Content-Length: 03", "Content-Length: 3 ", "Content-Length: \t3",
        "Content-Length: 0", "Content-Length: 2", "Content-Length: 4", "Content-Length: +3", "Content-Length: 3,3",
        "Content-Length: 5", "Content-Length: 28", "Content-Length: 000000027", "Content-Length: 0000000027",
        "Content-Length: 3\r\nContent-Length: 3", "Content-Length: 3\r\nContent-Length: 27", "Content-Length : 3",
        "Content-Length:\r\n 3", "X: a\r\n Content-Length: 27", "Transfer-Encoding: chunked\r\nContent-Length: 5",
        "Content-Length: 5\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked", "X: y",
    ])
    func `a request is answered alike, whether it is read whole or byte by byte`(_ header: String) throws {
        for body in ["", "abc", "abcd", "0\r\n\r\n", Self.request, Self.request + "G"] {
            let sent = "POST / HTTP/1.1\r\nHost: x\r\n\(header)\r\n\r\n\(body)"
            let whole = try EmbeddedConnection()
            let cut = try EmbeddedConnection()
            whole.routes.answersAtOnce = true
            cut.routes.answersAtOnce = true
            try whole.send(sent)
            for byte in sent.split(by: 1) { try cut.send(byte) }
            #expect(try whole.statuses == cut.statuses, "\(header.debugDescription) \(body.debugDescription)")
            #expect(whole.requests == cut.requests, "\(header.debugDescription) \(body.debugDescription)")
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
        let connection = try EmbeddedConnection(headMemory: budget)
        for piece in sent.text.split(by: 16 * 1024) {
            try connection.send(piece)
            // The rest of the budget must always have room for another head.
            #expect(MemoryBudget.Lease(budget).take(limits.headerSize))
        }
        #expect(try [400, 431].contains(connection.statuses.first))
    }

    @Test func `the trailers of a body are neither kept nor passed on, and bounded`() throws {
        let connection = try EmbeddedConnection()
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
}
