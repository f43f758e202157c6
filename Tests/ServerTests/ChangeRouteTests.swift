// SPDX-License-Identifier: Apache-2.0

import Notation
import Postgres
import TestSupport
import Testing

@testable import Server

/// What has changed, by pages.
@Suite(.serialized) struct ChangeRouteTests {
    @Test func `it begins now, stays where it is while nothing happens, and then tells the whole answer`() async throws
    {
        try await ServerFixture.with(workers: 0) { server in
            let start = try await server.changes().cursor
            #expect(try await server.changes(after: start).cursor == start)
            try await server.override(allowed: true)
            let page = try await server.changes(after: start, until: "cus_1 1")
            let change = try #require(page.data.first?.object)
            #expect(page.data.count == 1 && !page.hasMore)
            let answer = try await server.access().object
            #expect(change.filter { $0.key != "at" } == answer)
            #expect(change["at"]?.string.flatMap(Timestamp.init(rfc3339:)) != nil)
            #expect(page.cursor != start)
            #expect(try await server.changes(after: page.cursor).cursor == page.cursor)
        }
    }

    @Test func `each customer comes once, with the last answer, in pages`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            let start = try await server.changes().cursor
            // Of the answer itself: changes of credits alone may show before they are told of, and so before others.
            for (id, allowed) in [
                ("cus_1", true), ("cus_2", true), ("cus_3", true), ("cus_1", false), ("cus_2", false),
            ] {
                try await server.override(id, allowed: allowed)
            }
            _ = try await server.changes(after: start, until: "cus_2 2")
            var (seen, cursor): ([String], String) = ([], start)
            while true {
                let page = try await server.changes(after: cursor, "limit=1")
                seen += page.summary
                cursor = page.cursor
                #expect(page.data.count == 1)
                guard page.hasMore else { break }
            }
            #expect(seen == ["cus_3 1", "cus_1 2", "cus_2 2"])
            let all = try await server.changes(after: start).data
            #expect(all.map { $0["allowed"] } == [true, false, false])
        }
    }

    @Test func `what a transaction of another database hides comes to who waits, behind what showed before its turn`()
        async throws
    {
        try await ServerFixture.with(workers: 0) { server in
            let start = try await server.changes().cursor
            for id in ["cus_1", "cus_2"] { try await server.override(id, allowed: true) }
            try await server.told("-25 seconds")
            let waiting = try await TestDatabase.whileTransactionRuns {
                for id in ["cus_3", "cus_1"] { try await server.override(id, allowed: true) }
                try await server.grant("cus_2", 5, key: "a")
                // Both are due, so they show in their old places, before that of `cus_3`.
                let page = try await server.changes(after: start, until: "cus_2 2")
                #expect(page.summary == ["cus_1 2", "cus_2 2"] && !page.hasMore)
                #expect(try await server.changes(after: page.cursor).cursor == page.cursor)
                let waiting = Task { try await server.changes(after: page.cursor, until: "cus_3 1") }
                try await eventually("one who waits") { try await server.readers("poll") == 1 ? true : nil }
                return waiting
            }
            let hidden = try await waiting.value
            #expect(hidden.summary == ["cus_3 1"])
            try await server.told("1 hour")
            let due = try await server.changes(after: hidden.cursor, until: "cus_2 2")
            #expect(due.summary == ["cus_1 2", "cus_2 2"] && due.data.last?["credits"] == 5)
        }
    }

    @Test func `changes of credits alone come once a second, and the last of them does come`() async throws {
        try await ServerFixture.with(workers: 0, sweeping: false) { server in
            let start = try await server.changes().cursor
            try await server.grant("cus_1", 1, key: "key-1")
            let first = try await server.changes(after: start, "wait=30s")
            #expect(first.data.map { $0["credits"] } == [1])
            // As if it had been told of this very moment, however slow the test is.
            try await server.told("-25 seconds")
            for number in 2...4 { try await server.grant("cus_1", number, key: "key-\(number)") }
            #expect(try await server.changes(after: first.cursor).data.isEmpty)
            #expect(try await server.store.sweeps.tellDue(atMost: 9) == 0)
            try await server.told("1 hour")
            #expect(try await server.store.sweeps.tellDue(atMost: 9) == 1)
            let last = try await server.changes(after: first.cursor, "wait=30s")
            #expect(last.data.map { $0["credits"] } == [10])
            // As if the database's clock had been set back since.
            try await server.told("-1 hour")
            try await server.grant("cus_1", 5, key: "key-5")
            let later = try await server.changes(after: last.cursor, "wait=30s")
            #expect(later.data.map { $0["credits"] } == [15])
            try await server.grant("cus_1", 6, key: "key-6")
            try await server.told("-1 hour")
            #expect(try await server.store.sweeps.tellDue(atMost: 9) == 1)
        }
    }

    @Test func `who waits hears of a change of this process and of another`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            try await ServerFixture.with(source: server.source) { other in
                var cursor = try await server.changes().cursor
                for allowed in [true, false, true, false] {
                    let start = cursor
                    async let here = server.changes(after: start, "wait=30s")
                    async let there = other.changes(after: start, "wait=30s")
                    try await server.override(allowed: allowed)
                    for page in [try await here, try await there] {
                        #expect(page.data.map { $0["allowed"] } == [.bool(allowed)])
                        cursor = page.cursor
                    }
                }
            }
        }
    }

    @Test func `who waits in vain gets the cursor back, or the one that it begins with`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            let start = try await server.changes(after: nil, "wait=1s")
            #expect(start.data.isEmpty)
            let page = try await server.changes(after: start.cursor, "wait=1s")
            #expect(page.data.isEmpty && page.cursor == start.cursor)
            try await server.override(allowed: true)
            #expect(try await server.changes(after: page.cursor, "wait=30s").summary == ["cus_1 1"])
        }
    }

    @Test func `what is no cursor is refused, and one of another feed is too old`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            let own = try await server.changes().cursor
            let identity = String(own.prefix(16))
            for cursor in [
                "x", "1", own + ".", own + ".a.b", own + ".%20", "\(identity).0", "\(identity).01", "\(identity).-1",
                "\(identity).12345678901234567890", own.uppercased() + "x", "%00", "",
            ] {
                for path in ["/v1/changes", "/v1/changes/stream"] {
                    let answer = try await server.gateway("GET", "\(path)?cursor=\(cursor)")
                    #expect(answer.summary == "400 invalid_cursor", "\(path) \(cursor)")
                }
            }
            for query in ["wait=31s", "wait=25", "wait=-1s", "wait=1m", "limit=0", "limit=1001"] {
                #expect(try await server.gateway("GET", "/v1/changes?\(query)").summary == "400 invalid_parameter")
            }
            try await ServerFixture.with(workers: 0) { other in
                let foreign = try await other.changes().cursor
                #expect(foreign.prefix(16) != own.prefix(16))
                for cursor in [foreign, "\(identity).9999999999999999999"] {
                    for wait in ["0s", "20s"] {
                        let answer = try await server.gateway("GET", "/v1/changes?cursor=\(cursor)&wait=\(wait)")
                        #expect(answer.summary == "410 cursor_too_old", "\(cursor)")
                    }
                }
            }
        }
    }

    @Test func `what time alone changes is told when its time has come`() async throws {
        try await ServerFixture.with { server in
            let start = try await server.changes().cursor
            let until = Timestamp.now + .seconds(4)
            let body = #"{"allowed":true,"reason":"test","until":"\#(until)"}"#
            #expect(try await server.admin("PUT", "/customers/cus_1/override", body: body).status == 200)
            var (cursor, lines): (String, [JSON]) = (start, [])
            try await eventually("the end of the override") {
                let page = try await server.changes(after: cursor, "wait=5s")
                cursor = page.cursor
                lines += page.data
                return lines.last?["reason"] == "no_subscription" ? true : nil
            }
            let end = lines.popLast()
            let last = try #require(end)
            let at = try #require(last["at"]?.string.flatMap(Timestamp.init(rfc3339:)))
            #expect(last["until"] == nil && at >= until)
            // On a busy machine the feed may get there only when the override has ended.
            #expect(lines.allSatisfy { $0["until"] == .string("\(until)") })
        }
    }

    @Test func `who goes away, or closes one side, waits no more`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            let request =
                [
                    "GET /v1/changes?wait=30s HTTP/1.1", "Host: test",
                    "Authorization: Bearer \(ServerFixture.gatewayToken)",
                ].joined(separator: "\r\n") + "\r\n\r\n"
            try await HTTPConnection.with(port: server.privatePort) { connection in
                try await connection.send(request)
                try await eventually("one who waits") { try await server.readers("poll") == 1 ? true : nil }
            }
            try await eventually("nobody", within: .seconds(15)) { try await server.readers("poll") == 0 ? true : nil }
            try await HTTPConnection.with(port: server.privatePort) { connection in
                try await connection.send(request)
                try await eventually("one who waits") { try await server.readers("poll") == 1 ? true : nil }
                try await connection.finishSending()
                #expect(try await connection.answer().body.contains(#""data":[]"#))
                #expect(try await server.readers("poll") == 0)
            }
        }
    }
}
