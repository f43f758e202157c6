// SPDX-License-Identifier: Apache-2.0

import NIOCore
import TestSupport
import Testing

@testable import HTTP

@Suite struct HTTPBodyTests {
    private static let limit = 1024 * 1024

    private func with<T>(_ body: (HTTPListenerFixture) async throws -> T) async throws -> T {
        let routes = { (table: RouteTable) in
            table.post("/length") { request, _ in
                String(try await request.collectBody(BodyLimit(bytes: Self.limit)).readableBytes)
            }
            _ = table.post("/echo") { request, _ in String(buffer: try await request.collectBody(BodyLimit(bytes: 64)))
            }
        }
        // The other tests may slow these clients down.
        var limits = ListenerLimits()
        limits.bodyTime = .seconds(60)
        limits.lingerTime = .seconds(60)
        return try await HTTPListenerFixture.with(limits: limits, routes: routes, body)
    }

    @Test("a body of just the limit is taken", arguments: [0, 1, 64 * 1024, limit])
    func taken(_ size: Int) async throws {
        try await with { listener in
            let answer = try await listener.request("POST /length", body: String(repeating: "x", count: size))
            #expect(answer.status == 200)
            #expect(answer.body == "\(size)")
        }
    }

    @Test("the parts of a body are put together in order")
    func parts() async throws {
        try await with { listener in
            try await listener.connect { connection in
                let head = "POST /echo HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n"
                try await connection.send(head + "1\r\na\r\n2\r\nbc\r\n3\r\ndef\r\n0\r\n\r\n")
                #expect(try await connection.answer().body == "abcdef")
            }
        }
    }

    @Test("a Content-Length over the limit is 413 before a byte of the body came")
    func announcedTooLarge() async throws {
        try await with { listener in
            for length in ["\(Self.limit + 1)", "9223372036854775807", "9223372036854775808"] {
                try await listener.connect { connection in
                    try await connection.send(
                        "POST /length HTTP/1.1\r\nHost: test\r\nContent-Length: \(length)\r\n\r\n")
                    let answer = try await connection.answer()
                    #expect(answer.status == 413)
                    #expect(answer.headers["connection"] == "close")
                    #expect(try answer.problem.code == "payload_too_large")
                    #expect(try await connection.rest() == "")
                }
            }
        }
    }

    @Test("a body over the limit is 413 although nothing announced it")
    func chunkedTooLarge() async throws {
        try await with { listener in
            try await listener.connect { connection in
                try await connection.send("POST /length HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n")
                let chunk = "10000\r\n" + String(repeating: "x", count: 0x10000) + "\r\n"
                for _ in 0...16 { try await connection.send(chunk) }
                let answer = try await connection.answer()
                #expect(answer.status == 413)
                #expect(answer.headers["connection"] == "close")
                #expect(try await connection.rest() == "")
            }
        }
    }

    @Test("a client that sends all of a refused body before it reads gets its answer")
    func answerSurvivesUnreadBody() async throws {
        try await with { listener in
            for head in [
                "POST /length HTTP/1.1\r\nHost: test\r\nContent-Length: \(8 * 1024 * 1024)\r\n\r\n",
                "POST /length HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n800000\r\n",
            ] {
                try await listener.connect { connection in
                    try await connection.pauseReading(true)
                    try await connection.send(head)
                    for _ in 1...128 { try await connection.send(String(repeating: "x", count: 64 * 1024)) }
                    try await connection.pauseReading(false)
                    let answer = try await connection.answer()
                    #expect(answer.status == 413)
                    #expect(try answer.problem.code == "payload_too_large")
                }
            }
        }
    }

    @Test("a Content-Length that is too small leaves a broken request behind, one that is too large a broken body")
    func lyingLength() async throws {
        try await with { listener in
            try await listener.connect { connection in
                try await connection.send(
                    "POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 3\r\n\r\nabcdef\r\n\r\n")
                #expect(try await connection.answer().body == "abc")
                #expect(try await connection.answer().problem.code == "malformed_request")
                #expect(try await connection.rest() == "")
            }
            try await listener.connect { connection in
                try await connection.send("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\nabc")
                try await connection.finishSending()
                let answer = try await connection.answer()
                #expect(answer.status == 400)
                #expect(try answer.problem.code == "malformed_request")
                #expect(try await connection.rest() == "")
            }
        }
    }

    @Test("a broken chunk is 400")
    func brokenChunk() async throws {
        try await with { listener in
            try await listener.connect { connection in
                let head = "POST /echo HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n"
                try await connection.send(head + "3\r\nabc\r\nzz\r\n")
                let answer = try await connection.answer()
                #expect(answer.status == 400)
                #expect(answer.headers["connection"] == "close")
                #expect(try answer.problem.code == "malformed_request")
                #expect(try await connection.rest() == "")
            }
            #expect(listener.log.texts(.error) == [])
        }
    }

    @Test("any Content-Encoding is 415", arguments: ["gzip", "deflate", "br", "identity", ""])
    func contentEncoding(_ encoding: String) async throws {
        try await with { listener in
            let header = "Content-Encoding: \(encoding)"
            let answer = try await listener.request("POST /echo", headers: [header], body: "abc")
            #expect(answer.status == 415)
            #expect(try answer.problem.code == "unsupported_content_encoding")
        }
    }

    @Test("a client that asks first is told to go on")
    func expectContinue() async throws {
        try await with { listener in
            try await listener.connect { connection in
                for _ in 1...2 {
                    let head = "POST /echo HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"
                    try await connection.send(head)
                    #expect(try await connection.answer().status == 100)
                    try await connection.send("abc")
                    let answer = try await connection.answer()
                    #expect(answer.status == 200)
                    #expect(answer.body == "abc")
                }
            }
        }
    }

    @Test("a client that asks first is not told to go on with a body that is too large")
    func expectTooLarge() async throws {
        try await with { listener in
            try await listener.connect { connection in
                let length = "Content-Length: \(Self.limit + 1)"
                try await connection.send(
                    "POST /length HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\n\(length)\r\n\r\n")
                #expect(try await connection.answer().status == 413)
                #expect(try await connection.rest() == "")
            }
        }
    }
}
