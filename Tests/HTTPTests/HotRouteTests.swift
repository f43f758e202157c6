// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHTTP1
import Synchronization
import TestSupport
import Testing

@testable import HTTP

@Suite struct HotRouteTests {
    @Test(arguments: [
        ("/v1/customers/cus_1/access", "cus_1"), ("/v1/customers/cus_1/access?x=/y", "cus_1"),
        ("//v1/customers//cus_1/access/", "cus_1"), ("http://host:1/v1/customers/a%20b/access", "a%20b"),
        ("/v1/customers/cus_1/access#x", "cus_1"),
        ("/v1/customers/access", nil), ("/v1/customers//access", nil), ("/v1/customers/cus_1/accesses", nil),
        ("/v1/customers/cus_1", nil), ("/v1/customers/cus_1/access/x", nil), ("", nil), ("/", nil), ("*", nil),
    ])
    func `a path matches as it does in Hummingbird`(_ target: String, _ parameter: String?) {
        #expect(HotPath("/v1/customers/{customer}/access").match(target)?.first == parameter)
    }

    @Test(arguments: [
        ("/v1/customers/cus_1/holds/h1", ["cus_1", "h1"]), ("/v1//customers/a%2Fb/holds/%20/?x", ["a%2Fb", "%20"]),
        ("/v1/customers/cus_1/holds", nil), ("/v1/customers//holds/h1", nil),
        ("/v1/customers/cus_1/holds/h1/settle", nil),
    ])
    func `a path may have two parameters`(_ target: String, _ parameters: [String]?) {
        let match = HotPath("/v1/customers/{customer}/holds/{hold}").match(target)
        #expect(match.map { [$0.first, $0.second] } == parameters)
    }

    @Test(arguments: [
        ("/v1/authorize", true), ("/v1/authorize/", true), ("//v1//authorize//", true), ("/v1/authorize?x=/y", true),
        ("/v1/authorize/a/b", true), ("/v1/authorize//a", true), ("/v1/authorize/%2F/../..//x?y", true),
        ("/v1/authorize/../../admin/v1/events", true), ("http://host:1/v1/authorize/x", true),
        ("/v1/authorize#x", true),
        ("/v1/authorized", false), ("/v1/authorize%2Fx", false), ("/v1/authorize;x", false), ("/v1/Authorize", false),
        ("/v1", false), ("/x/v1/authorize", false), ("/v1/x/../authorize", false), ("", false), ("*", false),
    ])
    func `a path may stand for everything below it`(_ target: String, _ isMatch: Bool) {
        #expect((HotPath("/v1/authorize", isPrefix: true).match(target) != nil) == isMatch)
    }

    @Test func `a route may answer every method, and those that few know are measured as one`() async throws {
        try await HTTPListenerFixture.with { table in
            table.hot(Everything())
        } _: { fixture in
            for method in [
                "GET", "PUT", "POST", "PATCH", "DELETE", "OPTIONS", "TRACE", "PURGE", "PROPFIND", "M-SEARCH", "QUERY",
            ] {
                #expect(try await fixture.request("\(method) /below/x").body == "at once", "\(method)")
            }
            let head = try await fixture.request("HEAD /below")
            #expect(head.status == 200)
            #expect(head.body == "")
            // What the parser does not know is no HTTP to it, and lets nobody through.
            #expect(try await fixture.request("FOO /below").status == 400)
            let text = fixture.metrics.render()
            let counts = text.split(separator: "\n").filter { $0.contains("_count{") && $0.contains("/below") }
            let methods = counts.compactMap { $0.firstMatch(of: /method="(\S+?)"/)?.1 }
            #expect(
                Set(methods) == ["GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS", "other"], "\(counts)")
            #expect(counts.contains { $0.contains("other") && $0.hasSuffix(" 5") }, "\(counts)")
        }
    }

    @Test func `the answer to a request whose body nobody reads waits for its end, and the next one follows`()
        async throws
    {
        try await HTTPListenerFixture.with { table in
            table.hot(Everything())
        } _: { fixture in
            try await fixture.connect { connection in
                try await connection.send(
                    "POST /below HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody"
                        + "PUT /below HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n"
                        + "GET /below HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
                for _ in 1...3 { #expect(try await connection.answer().body == "at once") }
            }
        }
    }

    @Test func `answers keep the order of pipelined requests, whoever gives them`() async throws {
        let slow = Slow()
        try await HTTPListenerFixture.with { table in
            table.hot(slow)
            table.get("/hummingbird") { _, _ in "second" }
        } _: { fixture in
            try await fixture.connect { connection in
                // All three are sent before the first is answered.
                try await connection.send(
                    "POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nfirst"
                        + "GET /hummingbird HTTP/1.1\r\nHost: x\r\n\r\n"
                        + "POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nthird")
                for word in ["first", "second", "third"] {
                    #expect(try await connection.answer().body == word)
                }
            }
        }
    }

    @Test(arguments: ["public", "private"])
    func `many thousand requests that wait behind a slow answer are all answered`(_ name: String) async throws {
        let gate = Gate()
        try await HTTPListenerFixture.with(name: name) { table in
            table.hot(AtOnce())
            table.get("/slow") { _, _ in
                await gate.pass()
                return "slow"
            }
        } _: { fixture in
            try await fixture.connect { connection in
                let count = 20_000
                connection.beginToSend(
                    "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n"
                        + String(repeating: "GET /at-once HTTP/1.1\r\nHost: x\r\n\r\n", count: count)
                        + "GET /slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                await gate.reached()
                await gate.open()
                let answers = try await connection.rest()
                #expect(answers.matches(of: /\r\n\r\nat once/).count == count)
                #expect(answers.matches(of: /\r\n\r\nslow/).count == 2)
            }
        }
    }

    @Test func `a client that closes its side after its requests gets all answers`() async throws {
        try await HTTPListenerFixture.with { table in
            table.hot(Slow())
            table.get("/hummingbird") { _, _ in "second" }
        } _: { fixture in
            for count in [1, 2, 300] {
                try await fixture.connect { connection in
                    let both =
                        "POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nfirst"
                        + "GET /hummingbird HTTP/1.1\r\nHost: x\r\n\r\n"
                    try await connection.send(String(repeating: both, count: count))
                    try await connection.finishSending()
                    let answers = try await connection.rest()
                    #expect(answers.matches(of: /\r\n\r\nfirst/).count == count)
                    #expect(answers.matches(of: /\r\n\r\nsecond/).count == count)
                }
                // The same if the last request is for a hot route.
                try await fixture.connect { connection in
                    try await connection.send("POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nfirst")
                    try await connection.finishSending()
                    #expect(try await connection.answer().body == "first")
                    #expect(try await connection.rest() == "")
                }
            }
        }
    }

    @Test func `a client that reads no answers is answered no more than it may leave unread`() async throws {
        let large = Large()
        var limits = ListenerLimits()
        // Long enough for a busy machine to see the first request.
        limits.idleTime = .seconds(5)
        try await HTTPListenerFixture.with(limits: limits) { table in
            table.hot(large)
        } _: { fixture in
            try await fixture.connect { connection in
                try await connection.pauseReading(true)
                connection.beginToSend(String(repeating: "GET /large HTTP/1.1\r\nHost: x\r\n\r\n", count: 10_000))
                // Nothing but the limit on unread answers ends the connection.
                try await connection.closed()
            }
        }
        // The system's own buffers take some megabytes.
        #expect((1..<1000).contains(large.answered.load(ordering: .relaxed)))
    }

    @Test func `where memory ends, the body that waits for its end the longest makes room`() async throws {
        var limits = ListenerLimits()
        // Memory runs out here, not time.
        limits.bodyTime = .seconds(300)
        // One body fits, two do not.
        let memory = BodyMemory(bytes: 80_000)
        try await HTTPListenerFixture.with(limits: limits) { table in
            table.hot(Slow(bodyLimit: BodyLimit(bytes: 60_000), memory: memory))
        } _: { fixture in
            // One byte is missing.
            let body = String(repeating: "x", count: 60_000)
            let unfinished = "POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n" + body.dropLast()
            try await fixture.connect { first in
                try await first.send(unfinished)
                try await eventually("the first body is in memory") {
                    memory.taken >= 59_999 - BodyMemory.freeSize ? true : nil
                }
                try await fixture.connect { second in
                    try await second.send(unfinished)
                    let refused = try await first.answer()
                    #expect(refused.status == 503)
                    #expect(refused.headers["retry-after"] == "1")
                    #expect(try await fixture.request("POST /slow", body: body).body == body)
                }
            }
        }
    }

    @Test func `bodies that were read make no room, and give back what they took`() {
        let memory = BodyMemory(bytes: 100)
        var first: BodyMemory.Lease? = BodyMemory.Lease(memory) { Issue.record("a body that was read is kept") }
        #expect(first?.take(80) == true)
        first?.keep()
        let evicted = Atomic(0)
        var second: BodyMemory.Lease? = BodyMemory.Lease(memory) { evicted.add(1, ordering: .relaxed) }
        #expect(second?.take(30) == false)
        #expect(second?.take(20) == true)
        let third = BodyMemory.Lease(memory) {}
        #expect(third.take(15))
        #expect(evicted.load(ordering: .relaxed) == 1)
        #expect(second?.take(1) == false)
        second = nil
        #expect(!third.take(10))
        first = nil
        #expect(third.take(85))
        #expect(!third.take(1))
    }

    /// Answers with 64 KiB.
    private final class Large: HotRoute {
        let method = HTTPMethod.GET
        let path = HotPath("/large")
        let bodyLimit = BodyLimit.none
        let answered = Atomic(0)

        func answer(_ request: HotRequest<Void>, _ reply: HotReply) {
            answered.add(1, ordering: .relaxed)
            reply(HotAnswer([UInt8](repeating: UInt8(ascii: "x"), count: 64 * 1024)))
        }
    }

    /// Answers before the call returns.
    private struct AtOnce: HotRoute {
        let method = HTTPMethod.GET
        let path = HotPath("/at-once")
        let bodyLimit = BodyLimit.none

        func answer(_ request: HotRequest<Void>, _ reply: HotReply) {
            reply(HotAnswer(Array("at once".utf8)))
        }
    }

    /// Answers every method, and every path below.
    private struct Everything: HotRoute {
        let method = HTTPMethod.GET
        let answersAnyMethod = true
        let path = HotPath("/below", isPrefix: true)
        let bodyLimit = BodyLimit.none

        func answer(_ request: HotRequest<Void>, _ reply: HotReply) {
            reply(HotAnswer(Array("at once".utf8)))
        }
    }

    /// Answers with the body, from another thread.
    private struct Slow: HotRoute {
        let method = HTTPMethod.POST
        let path = HotPath("/slow")
        var bodyLimit = BodyLimit(bytes: 100)
        var memory: BodyMemory?

        func answer(_ request: HotRequest<Void>, _ reply: HotReply) {
            let body = Array(request.body.readableBytesView)
            Task {
                await Task.yield()
                reply(HotAnswer(body))
            }
        }
    }

    @Test func `the date is written as RFC 9110 has it`() {
        #expect(DateHeader.format(784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT")
    }
}
