// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

@testable import HTTP

/// Requests that a proxy may read differently from the parser behind it (request smuggling).
@Suite struct HTTPFramingTests {
    @Test(
        arguments: [
            ("GET / HTTP/1.1\r\n\r\n", 400, "malformed_request"),
            ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400, "malformed_request"),
            ("GET / HTTP/1.0\r\nHost: a\r\nhost: b\r\n\r\n", 400, "malformed_request"),
            ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 400, "malformed_request"),
            ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n", 400, "malformed_request"),
            (
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", 400,
                "malformed_request"
            ),
            (
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \r\nContent-Length: 3\r\n\r\nabc", 400,
                "malformed_request"
            ),
            ("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, "malformed_request"),
            (
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501,
                "unsupported_transfer_encoding"
            ),
            (
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                501, "unsupported_transfer_encoding"
            ),
            (String(repeating: "\r\n", count: 9) + "GET /direct HTTP/1.1\r\nHost: a\r\n\r\n", 400, "malformed_request"),
            (String(repeating: "\n", count: 100_000), 400, "malformed_request"),
            ("GET /direct HTTP/1.1\r\nX:" + String(repeating: " ", count: 100_000), 431, "headers_too_large"),
        ].map { (LongText($0), $1, $2) })
    func `what RFC 9112 has refused is a problem, and the connection ends`(
        _ request: LongText, _ status: Int, _ code: String
    ) async throws {
        try await with { listener in
            try await listener.connect { connection in
                try await connection.send(request.text + "GET /direct HTTP/1.1\r\nHost: a\r\n\r\n")
                let answer = try await connection.answer()
                #expect(answer.status == status)
                #expect(answer.headers["connection"] == "close")
                #expect(try answer.problem.code == code)
                #expect(try await connection.rest() == "")
            }
        }
    }

    @Test(
        arguments: ["direct", "hummingbird"],
        [
            ("3\nabc\n0\n\n", 400, "malformed_request"), ("3\r\nabc\r\n0\r\nA: b\n\r\n", 400, "malformed_request"),
            ("3\r\nabcd\r\n0\r\n\r\n", 400, "malformed_request"), ("3 \r\nabc\r\n0\r\n\r\n", 400, "malformed_request"),
            ("3;\"\r\nabc\r\n0\r\n\r\n", 400, "malformed_request"),
            (
                "3\r\nabc\r\n0\r\n" + String(repeating: "A: 0123456789\r\n", count: 1000) + "\r\n", 431,
                "headers_too_large"
            ),
            ("3;" + String(repeating: "a", count: 5000) + "\r\nabc\r\n0\r\n\r\n", 431, "headers_too_large"),
        ])
    func
        `chunks that could be read otherwise, or carry too much beside the body, are a problem, and the connection ends`(
            _ route: String, _ sent: (body: String, status: Int, code: String)
        ) async throws
    {
        try await with { listener in
            try await listener.connect { connection in
                let head = "POST /\(route) HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                try await connection.send(head + sent.body + "GET /direct HTTP/1.1\r\nHost: a\r\n\r\n")
                let answer = try await connection.answer()
                #expect(answer.status == sent.status)
                #expect(answer.headers["connection"] == "close")
                #expect(try answer.problem.code == sent.code)
                #expect(try await connection.rest() == "")
            }
        }
    }

    @Test(
        arguments: ["direct", "hummingbird"],
        [
            "HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc",
            "HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
            "HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked \r\n\r\n1;a=\"b\"\r\na\r\n02\r\nbc\r\n0\r\nA: b\r\n\r\n",
            "HTTP/1.1\r\nHost: \r\nContent-Length: 3  \r\n\r\nabc",
            "HTTP/1.1\r\nhost:a\r\ncontent-length:\t3\r\n\r\nabc",
        ])
    func `what it allows is answered alike on all routes`(_ route: String, _ request: String) async throws {
        try await with { listener in
            try await listener.connect { connection in
                // Older clients may send a line end after a request.
                for before in ["", "\r\n", "\n", "\r\n\r\n"] {
                    try await connection.send("\(before)POST /\(route) \(request)")
                    #expect(try await connection.answer().body == "abc []")
                    guard !request.hasPrefix("HTTP/1.0") else { break }
                }
            }
        }
    }

    @Test(
        arguments: ["direct", "hummingbird"],
        [
            (["x: a \t"], "[a]"), (["x:\t a b\t"], "[a b]"), (["x:  "], "[]"), (["x: a", "X: b "], "[a, b]"),
        ])
    func `white space around a value is no part of it, and lines of one name are a list`(
        _ route: String, _ header: ([String], String)
    ) async throws {
        try await with { listener in
            let answer = try await listener.request("POST /\(route)", headers: header.0, body: "abc")
            #expect(answer.body == "abc \(header.1)")
        }
    }

    private func with(_ body: (HTTPListenerFixture) async throws -> Void) async throws {
        try await HTTPListenerFixture.with { table in
            table.hot(Echo())
            table.post("/hummingbird") { request, _ in
                let body = try await request.collectBody(BodyLimit(bytes: 10))
                return "\(String(buffer: body)) [\(request.headers[.init("x")!] ?? "")]"
            }
        } _: {
            try await body($0)
        }
    }

    /// Answers with the body and the header `x`.
    private struct Echo: HotRoute {
        let method = HTTPMethod.POST
        let path = HotPath("/direct")
        let bodyLimit = BodyLimit(bytes: 10)

        func answer(_ request: HotRequest<Void>, _ reply: HotReply) {
            let text = "\(String(buffer: request.body)) [\(request.headers.value(of: "x") ?? "")]"
            reply(HotAnswer(Array(text.utf8)))
        }
    }
}
