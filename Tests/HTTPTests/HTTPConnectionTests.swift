// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Telemetry
import TestSupport
import Testing

@testable import HTTP

@Suite struct HTTPConnectionTests {
    private static let megabyte = String(repeating: "x", count: 1024 * 1024)

    private func with<T>(
        _ change: (inout ListenerLimits) -> Void = { _ in },
        _ body: (HTTPListenerFixture) async throws -> T
    ) async throws -> T {
        var limits = ListenerLimits()
        change(&limits)
        return try await HTTPListenerFixture.with(limits: limits, routes: routes, body)
    }

    private func routes(_ table: RouteTable) {
        table.get("/healthz") { _, _ in "alive" }
        table.get("/echo/{word}") { _, context in try context.parameter("word") }
        table.post("/length") { request, _ in
            String(try await request.collectBody(BodyLimit(bytes: 1024 * 1024)).readableBytes)
        }
        table.post("/deaf") { _, _ in "did not listen" }
    }

    @Test(
        "what is no HTTP/1.1 is a 400 problem, and the connection ends",
        arguments: [
            "nonsense\r\n\r\n", "GET\r\n\r\n", "GET /healthz\r\n\r\n", "GET /healthz HTTP/9.9\r\n\r\n",
            "FOO /healthz HTTP/1.1\r\nHost: test\r\n\r\n", "GET /healthz HTTP/1.1\r\nHost: test\r\nno colon\r\n\r\n",
            "GET /healthz HTTP/1.1\r\nHost: test\r\n: empty\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "POST /length HTTP/1.1\r\nHost: test\r\nContent-Length: -1\r\n\r\n",
            "POST /length HTTP/1.1\r\nHost: test\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
            "POST /length HTTP/1.1\r\nHost: test\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        ]
    )
    func malformed(_ request: String) async throws {
        try await with { listener in
            try await listener.connect { connection in
                try await connection.send(request)
                let answer = try await connection.answer()
                #expect(answer.status == 400)
                #expect(answer.headers["content-type"] == "application/problem+json")
                #expect(answer.headers["connection"] == "close")
                #expect(try answer.problem.code == "malformed_request")
                #expect(try await connection.rest() == "")
            }
        }
    }

    @Test("a broken request after good ones is answered after them")
    func malformedAfterPipelined() async throws {
        try await with { listener in
            try await listener.connect { connection in
                let good = "GET /healthz HTTP/1.1\r\nHost: test\r\n\r\n"
                try await connection.send(good + good + "nonsense\r\n\r\n")
                for _ in 1...2 {
                    let answer = try await connection.answer()
                    #expect(answer.body == "alive")
                    #expect(answer.headers["connection"] == nil)
                }
                #expect(try await connection.answer().problem.code == "malformed_request")
                #expect(try await connection.rest() == "")
            }
        }
    }

    @Test("too large or too many headers are 431")
    func hugeHeaders() async throws {
        try await with { listener in
            let large = "X: " + String(repeating: "x", count: 100_000)
            let many = (0...200).map { "X-\($0): 1" }.joined(separator: "\r\n")
            let path = String(repeating: "x", count: 100_000)
            for request in [
                "GET /healthz HTTP/1.1\r\nHost: test\r\n\(large)\r\n\r\n",
                "GET /healthz HTTP/1.1\r\nHost: test\r\n\(many)\r\n\r\n",
                "GET /\(path) HTTP/1.1\r\nHost: test\r\n\r\n",
            ] {
                try await listener.connect { connection in
                    try await connection.send(request)
                    let answer = try await connection.answer()
                    #expect(answer.status == 431)
                    #expect(try answer.problem.code == "headers_too_large")
                    #expect(try await connection.rest() == "")
                }
            }
            #expect(try await listener.request("GET /healthz").status == 200)
        }
    }

    @Test("headers that do not come to an end are 408, however busy the client looks")
    func slowHeaders() async throws {
        let limits = { (limits: inout ListenerLimits) in
            limits.headerTime = .milliseconds(200)
            limits.lingerTime = .seconds(2)
        }
        try await with(limits) { listener in
            try await listener.connect { connection in
                try await connection.send("GET /healthz HTTP/1.1\r\nHost: test\r\n")
                let answer = try await connection.answer()
                #expect(answer.status == 408)
                #expect(answer.headers["connection"] == "close")
                #expect(try answer.problem.code == "request_timeout")
                #expect(try await connection.rest() == "")
            }
            // Sending a byte now and then does not extend the limit.
            let status = try await listener.connect { connection in
                for byte in "GET /healthz HTTP/1.1\r\nHost: test\r\nX: " + String(repeating: "a", count: 2000) {
                    do {
                        try await connection.send(String(byte))
                    } catch {
                        break  // The server has closed, as expected.
                    }
                    try await Task.sleep(for: .milliseconds(10))
                }
                return try await connection.answer().status
            }
            #expect(status == 408)
        }
    }

    @Test("a body that does not come is 408")
    func slowBody() async throws {
        try await with {
            $0.bodyTime = .milliseconds(200)
        } _: { listener in
            for request in [
                "POST /length HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\n12345",
                "POST /length HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n",
            ] {
                try await listener.connect { connection in
                    try await connection.send(request)
                    let answer = try await connection.answer()
                    #expect(answer.status == 408)
                    #expect(answer.headers["connection"] == "close")
                    #expect(try answer.problem.code == "request_timeout")
                    #expect(try await connection.rest() == "")
                }
            }
            #expect(listener.log.texts(.error) == [])
        }
    }

    @Test("a connection that lies still is closed without a word")
    func idle() async throws {
        try await with {
            $0.idleTime = .milliseconds(200)
        } _: { listener in
            let said = try await listener.connect { try await $0.rest() }
            #expect(said == "")
        }
        // Long enough to send the request on a busy machine.
        try await with {
            $0.idleTime = .seconds(3)
        } _: { listener in
            try await listener.connect { connection in
                try await connection.send("GET /healthz HTTP/1.1\r\nHost: test\r\n\r\n")
                #expect(try await connection.answer().status == 200)
                #expect(try await connection.rest() == "")
            }
        }
    }

    @Test("a connection is kept for more requests")
    func keepAlive() async throws {
        try await with { listener in
            try await listener.connect { connection in
                for word in ["one", "two", "three"] {
                    try await connection.send("GET /echo/\(word) HTTP/1.1\r\nHost: test\r\n\r\n")
                    #expect(try await connection.answer().body == word)
                    try await connection.send("POST /length HTTP/1.1\r\nHost: test\r\nContent-Length: 3\r\n\r\nabc")
                    #expect(try await connection.answer().body == "3")
                }
            }
        }
    }

    @Test("pipelined requests are answered in order")
    func pipelined() async throws {
        try await with { listener in
            try await listener.connect { connection in
                let requests = (1...50).map { "GET /echo/\($0) HTTP/1.1\r\nHost: test\r\n\r\n" }
                try await connection.send(requests.joined())
                for number in 1...50 {
                    #expect(try await connection.answer().body == "\(number)")
                }
            }
        }
    }

    @Test(
        "the connection ends when the client asks for it, in any case and version",
        arguments: [
            "GET /healthz HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n",
            "GET /healthz HTTP/1.1\r\nHost: test\r\nConnection: Close\r\n\r\n",
            "GET /healthz HTTP/1.0\r\n\r\n",
        ]
    )
    func connectionClose(_ request: String) async throws {
        try await with { listener in
            try await listener.connect { connection in
                // What follows is not read as a request.
                try await connection.send(request + "GET /healthz HTTP/1.1\r\nHost: test\r\n\r\n")
                let answer = try await connection.answer()
                #expect(answer.status == 200)
                #expect(answer.headers["connection"] == "close")
                #expect(try await connection.rest() == "")
            }
        }
    }

    @Test("HTTP/1.0 may ask to keep the connection, and is told")
    func keepAliveOf10() async throws {
        try await with { listener in
            try await listener.connect { connection in
                for _ in 1...3 {
                    try await connection.send("GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
                    let answer = try await connection.answer()
                    #expect(answer.body == "alive")
                    #expect(answer.headers["connection"] == "keep-alive")
                }
            }
        }
    }

    @Test("a client that offers another protocol is answered in this one")
    func upgrade() async throws {
        try await with { listener in
            try await listener.connect { connection in
                let headers = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"
                try await connection.send(
                    "POST /length HTTP/1.1\r\nHost: test\r\n\(headers)Content-Length: 3\r\n\r\nabc")
                let answer = try await connection.answer()
                #expect(answer.body == "3")
                #expect(answer.headers["connection"] == "close")
                #expect(try await connection.rest() == "")
            }
        }
    }

    @Test("a client that has said all gets its answer")
    func halfClosed() async throws {
        try await with { listener in
            try await listener.connect { connection in
                try await connection.send("POST /length HTTP/1.1\r\nHost: test\r\nContent-Length: 3\r\n\r\nabc")
                try await connection.finishSending()
                #expect(try await connection.answer().body == "3")
                #expect(try await connection.rest() == "")
            }
        }
    }

    @Test("an answer given before the body was read ends the connection")
    func unreadBody() async throws {
        try await with { listener in
            for path in ["/deaf", "/nothing", "/healthz"] {
                try await listener.connect { connection in
                    try await connection.send("POST \(path) HTTP/1.1\r\nHost: test\r\nContent-Length: 100000\r\n\r\n")
                    let answer = try await connection.answer()
                    #expect(answer.headers["connection"] == "close")
                    try await connection.send(String(repeating: "x", count: 100000))
                    #expect(try await connection.rest() == "")
                }
            }
        }
    }

    @Test("a shutdown answers what is in flight, and then closes")
    func gracefulShutdown() async throws {
        let gate = Gate()
        let routes = { (table: RouteTable) in
            _ = table.get("/slow") { _, _ in
                await gate.pass()
                return "done"
            }
        }
        try await HTTPListenerFixture.with(routes: routes) { listener in
            try await listener.connect { idle in
                try await listener.connect { busy in
                    try await busy.send("GET /slow HTTP/1.1\r\nHost: test\r\n\r\n")
                    await gate.reached()
                    await listener.beginShutdown()
                    #expect(try await idle.rest() == "")
                    await gate.open()
                    let answer = try await busy.answer()
                    #expect(answer.body == "done")
                    #expect(answer.headers["connection"] == "close")
                    #expect(try await busy.rest() == "")
                }
            }
        }
    }

    @Test("a client that keeps its side open cannot hold a shutdown up")
    func lingeringEnds() async throws {
        try await with {
            $0.lingerTime = .milliseconds(200)
        } _: { listener in
            try await listener.connect { connection in
                try await connection.send("GET /healthz HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
                #expect(try await connection.answer().body == "alive")
                #expect(try await connection.rest() == "")
                try await listener.shutdown()
            }
        }
    }

    @Test("a client that does not read its answer loses the connection")
    func unreadAnswer() async throws {
        let gate = Gate()
        let routes = { (table: RouteTable) in
            _ = table.get("/large") { _, _ in
                await gate.pass()
                return String(repeating: Self.megabyte, count: 64)
            }
        }
        var limits = ListenerLimits()
        limits.idleTime = .seconds(2)
        try await HTTPListenerFixture.with(limits: limits, routes: routes) { listener in
            try await listener.connect { connection in
                try await connection.pauseReading(true)
                try await connection.send("GET /large HTTP/1.1\r\nHost: test\r\n\r\n")
                await gate.reached()
                await gate.open()
                // Ends once the connection is closed, which only the limit does.
                try await listener.shutdown()
                try await connection.pauseReading(false)
                await #expect(throws: (any Error).self) { _ = try await connection.answer() }
            }
        }
    }

    @Test("what a client sends after a refusal is read up to a limit")
    func discardLimit() async throws {
        try await with {
            $0.discardedSize = 1024 * 1024
        } _: { listener in
            try await listener.connect { connection in
                try await connection.send("POST /deaf HTTP/1.1\r\nHost: test\r\nContent-Length: 1000000000\r\n\r\n")
                #expect(try await connection.answer().body == "did not listen")
                await #expect(throws: (any Error).self) {
                    for _ in 1...1000 { try await connection.send(String(repeating: "x", count: 1024 * 1024)) }
                }
            }
        }
    }

    @Test("an address that is taken is named with its setting")
    func addressInUse() async throws {
        try await with { listener in
            let address = ListenerAddress(host: "127.0.0.1", port: listener.port, variable: "TOLLGATE_PUBLIC_ADDRESS")
            let table = RouteTable(listener: "second", metrics: PrometheusRegistry())
            let second = Listener(name: "second", address: address, routes: table, logger: .init(label: "test"))
            let bound = Task { try await second.boundAddress.port }
            await #expect {
                try await second.run()
            } throws: { error in
                "\(error)" == "TOLLGATE_PUBLIC_ADDRESS 127.0.0.1:\(listener.port): address already in use"
            }
            await #expect(throws: ListenerError.self) { try await bound.value }
        }
    }
}
