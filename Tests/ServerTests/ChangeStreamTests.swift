// SPDX-License-Identifier: Apache-2.0

import HTTP
import Notation
import TestSupport
import Testing

@testable import Server

/// What has changed, as server-sent events.
@Suite(.serialized) struct ChangeStreamTests {
    private func with(
        _ server: ServerFixture,
        _ query: String = "",
        headers: [String] = [],
        _ body: (HTTPConnection) async throws -> Void
    ) async throws {
        try await HTTPConnection.with(port: server.privatePort) { connection in
            try await connection.send(server.streamRequest(query, headers: headers))
            try await body(connection)
        }
    }

    /// The value of a field of the last event of a name.
    private func field(_ name: String, of event: String, in text: String) -> String? {
        text.split(separator: "\n\n").last { $0.contains("event: \(event)\n") }?
            .split(separator: "\n").first { $0.hasPrefix("\(name): ") }
            .map { String($0.dropFirst(name.count + 2)) }
    }

    @Test func `changes come as they happen, and a lost connection goes on where it was`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            var (first, last) = ("", "")
            try await with(server) { connection in
                let head = try await connection.text(until: "event: checkpoint\n")
                for line in ["content-type: text/event-stream", "cache-control: no-store", "x-accel-buffering: no"] {
                    #expect(head.lowercased().contains("\r\n\(line)\r\n"), "\(line)")
                }
                #expect(head.contains("retry: 2000\n\n"))
                try await server.override(allowed: true)
                let one = try await connection.text(until: #""version":1"#)
                first = try #require(field("id", of: "change", in: one))
                try await server.override(allowed: false)
                let two = try await connection.text(until: #""version":2"#)
                last = try #require(field("id", of: "change", in: two))
                let data = try JSON(bytes: Array(try #require(field("data", of: "change", in: two)).utf8))
                let answer = try await server.access().object
                #expect(data.object?.filter { $0.key != "at" } == answer)
                let page = try await server.changes(after: first)
                #expect(page.data == [data])
            }
            #expect(first != last)
            // What the browser remembers counts more than what its address says.
            try await with(server, "?cursor=\(last)", headers: ["Last-Event-ID: \(first)"]) { connection in
                let text = try await connection.text(until: "event: checkpoint\n")
                #expect(text.contains("id: \(last)\n") && text.contains(#""version":2"#))
            }
            try await with(server, "?cursor=\(last)") { connection in
                let text = try await connection.text(until: "event: checkpoint\n")
                #expect(!text.contains("event: change\n"))
            }
            try await eventually("nobody") { try await server.readers("stream") == 0 ? true : nil }
        }
    }

    @Test func `silence is interrupted by checkpoints that lead on`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            try await with(server) { connection in
                let text = try await connection.text(until: "event: checkpoint\n", times: 2)
                let cursor = try #require(field("id", of: "checkpoint", in: text))
                try await server.override(allowed: true)
                #expect(try await server.changes(after: cursor, "wait=30s").summary == ["cus_1 1"])
            }
        }
    }

    @Test func `whoever comes with the cursor of another feed is told to read everything again`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            let own = try await server.changes().cursor
            let foreign = (own.hasPrefix("0") ? "1" : "0") + own.dropFirst()
            try await with(server, "?cursor=\(foreign)", headers: ["Connection: close"]) { connection in
                let text = try await connection.rest()
                #expect(text.hasPrefix("HTTP/1.1 200 "))
                #expect(text.contains("event: resync\n") && text.contains("/v1/access"))
                #expect(!text.contains("event: checkpoint\n") && !text.contains("id: "))
            }
        }
    }

    @Test func `whoever does not read loses the connection, and no place is taken by him`() async throws {
        var limits = ListenerLimits()
        limits.stallTime = .seconds(1)
        try await ServerFixture.with(workers: 0, limits: limits) { server in
            try await server.sql { connection in
                _ = try connection.executeScript(
                    """
                    INSERT INTO tollgate.account (customer_id, allowed, reason, changed_at, version)
                    SELECT 'cus_' || n, false, 'no_subscription', now(), 1 FROM generate_series(1, 20000) n
                    """)
            }
            try await with(server) { connection in
                _ = try await connection.text(until: "event: checkpoint\n")
                try await connection.pauseReading(true)
                try await eventually("the end of the stream") {
                    try await server.sql { connection in
                        _ = try connection.executeScript(
                            "UPDATE tollgate.account SET version = version + 1; NOTIFY tollgate_access, 'cus_1'")
                    }
                    return try await server.metric("tollgate_feed_slow_readers_total") == "1" ? true : nil
                }
                try await eventually("a free place") { try await server.readers("stream") == 0 ? true : nil }
            }
        }
    }

    @Test func `a stop of the process ends streams and waits in good order`() async throws {
        var streaming: Task<String, any Error>?
        var waiting: Task<ServerFixture.Changes, any Error>?
        try await ServerFixture.with(workers: 0) { server in
            streaming = Task {
                try await HTTPConnection.with(port: server.privatePort) { connection in
                    try await connection.send(server.streamRequest())
                    return try await connection.rest()
                }
            }
            waiting = Task { try await server.changes(after: nil, "wait=30s") }
            try await eventually("both") {
                let stream = try await server.readers("stream")
                return try await server.readers("poll") == 1 && stream == 1 ? true : nil
            }
        }
        // The last chunk: it was not cut off.
        #expect(try await streaming?.value.hasSuffix("0\r\n\r\n") == true)
        #expect(try await waiting?.value.data.isEmpty == true)
    }
}
