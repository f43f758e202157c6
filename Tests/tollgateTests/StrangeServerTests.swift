// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

/// The commands against a server that is not Tollgate, or is broken.
@Suite struct StrangeServerTests {
    private static let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

    private func shell(_ arguments: [String], _ server: StrangeServer) async throws -> Program.Ended {
        try await Program.run(
            arguments,
            environment: [
                "TOLLGATE_ADMIN_TOKEN": RunningServer.adminToken, "STRIPE_WEBHOOK_SECRET": RunningServer.secret,
                "TOLLGATE_PRIVATE_ADDRESS": String(server.url.dropFirst("http://".count)),
                "TOLLGATE_PUBLIC_ADDRESS": String(server.url.dropFirst("http://".count)),
            ])
    }

    @Test(arguments: [
        (chunked, "1\r\n \r\n"), ("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", " "),
        ("HTTP/1.1 200 OK\r\n", "X: a\r\n"), ("", "HTTP/1.1 100 Continue\r\n\r\n"),
    ])
    func `a healthcheck ends though the answer never does`(_ start: String, _ piece: String) async throws {
        try await StrangeServer.with([.endless(start, piece: piece)]) { server in
            let ended = try await shell(["healthcheck"], server)
            #expect(ended.code == 1)
            // An endless head may reach the size limit before the timeout.
            let ends = ["did not answer in time", "too many header bytes"]
            #expect(ends.contains { ended.errors.contains($0) }, "\(ended.errors)")
        }
    }

    @Test func `an answer that is too large is not kept`() async throws {
        let piece = "10000\r\n\(String(repeating: " ", count: 1 << 16))\r\n"
        try await StrangeServer.with([.endless(Self.chunked, piece: piece)]) { server in
            let ended = try await shell(["healthcheck"], server)
            #expect(ended.code == 1)
            #expect(ended.errors.contains("larger than 1048576 bytes"), "\(ended.errors)")
        }
    }

    static let commands: [[String]] = [
        ["events", "list"], ["events", "stats"], ["events", "show", "evt_1"], ["events", "replay", "evt_1"],
        ["events", "dismiss", "evt_1", "--reason", "x"], ["customers", "list"], ["customers", "show", "cus_1"],
        ["customers", "override", "cus_1", "--allow", "--reason", "x"], ["customers", "clear-override", "cus_1"],
        ["customers", "grant", "cus_1", "--amount", "5", "--reason", "x"], ["purchases", "waiting"],
        ["purchases", "show", "pi_1"], ["purchases", "assign", "pi_1", "--customer", "cus_1", "--reason", "x"],
        ["prices", "list"], ["prices", "show", "price_1"], ["prices", "set", "price_1", "--credits", "5"],
        ["prices", "remove", "price_1"], ["rates", "list"], ["rates", "drafts"], ["rates", "diff", "rtd_1"],
        ["rates", "lint", "rtd_1"], ["rates", "approve", "rtd_1"], ["plans", "list"], ["plans", "show", "pro"],
        ["plans", "set", "pro", "--markup", "1", "--bill", "none"], ["replays", "list"], ["replays", "show", "rpl_1"],
        ["replays", "cancel", "rpl_1"], ["replays", "start", "--status", "failed"],
        ["replays", "start", "--status", "failed", "--dry-run"],
        ["replays", "start", "--status", "failed", "--no-wait", "--json"],
    ]

    @Test(arguments: commands)
    func `what is no answer of Tollgate's is an error at once`(_ command: [String]) async throws {
        for body in ["null", "", "[]", "{}", #"{"data":7,"id":[],"customer":{}}"#, #"{"data":[[]],"count":1}"#] {
            try await StrangeServer.with([.whole(body)]) { server in
                let ended = try await shell(command, server)
                #expect(ended.code == 1, "\(body)")
                #expect(ended.errors.contains("the answer cannot be read"), "\(body): \(ended.errors)")
                #expect(ended.output.isEmpty, "\(body): \(ended.output)")
                #expect(server.requests == 1, "\(body)")
            }
        }
    }

    private static func replay(_ status: String, matched: Int64, ended: String) -> String {
        """
        {"id":"rpl_1","status":"\(status)","matched":\(matched),"skipped":0,"queued":0,"ended":\(ended),"pending":0,\
        "filter":{"status":"failed","type":null,"customer":null,"created_after":null,"created_before":null},\
        "operator":"admin","created_at":"2026-11-26T09:00:00Z","finished_at":null}
        """
    }

    @Test(arguments: [
        "null", "", "[]", "{}", #"{"id":"rpl_1"}"#, #"{"id":"rpl_1","status":"going","matched":1}"#,
        #"{"id":"rpl 1","status":"running","matched":1}"#, #"{"id":"rpl_1","status":"running","matched":"1"}"#,
    ])
    func `a replay that becomes something else is waited for no longer`(_ body: String) async throws {
        let running = Self.replay("running", matched: 3, ended: "{}")
        try await StrangeServer.with([.whole(running), .whole(body)]) { server in
            let ended = try await shell(["replays", "start", "--status", "failed"], server)
            #expect(ended.code == 1)
            #expect(ended.errors.contains("the answer cannot be read"), "\(ended.errors)")
            #expect(server.requests == 2)
        }
    }

    @Test(arguments: [(Int64.max, Int64.max), (.min, .max), (.max, .min), (1, -1)])
    func `a replay's numbers may be any`(_ matched: Int64, _ ended: Int64) async throws {
        let counts = #"{"processed":\#(ended),"ignored":\#(ended),"failed":\#(ended),"quarantined":\#(ended)}"#
        let replay = { (status: String) in Self.replay(status, matched: matched, ended: counts) }
        let replies = ["running", "running", "done"].map { StrangeServer.Reply.whole(replay($0)) }
        try await StrangeServer.with(replies) { server in
            let ended = try await shell(["replays", "start", "--status", "failed"], server)
            #expect(ended.code == (ended.output.contains("failed") ? 1 : 0), "\(ended.errors)")
            #expect(ended.output.contains("rpl_1: done"), "\(ended.output) \(ended.errors)")
        }
        let list = #"{"data":[\#(replay("running"))]}"#
        try await StrangeServer.with([.whole(list)]) { server in
            let listed = try await shell(["replays", "list"], server)
            #expect(listed.code == 0)
        }
    }

    @Test(arguments: ["NaN", "+Inf", "-Inf", "-1", "1e300"])
    func `a queue's depth that cannot be ends the bench`(_ depth: String) async throws {
        try await StrangeServer.with([.whole("tollgate_queue_depth \(depth)\n")]) { server in
            let ended = try await shell(["bench", "process", "--no-post"], server)
            #expect(ended.code == 1)
            #expect(ended.errors.contains("tollgate_queue_depth"), "\(ended.errors)")
        }
    }

    @Test(arguments: ["1e300", "NaN", "Inf"])
    func `the bench's counts may be any`(_ count: String) async throws {
        let metrics = { (count: String) in
            "tollgate_queue_depth 0\ntollgate_events_processed_total{outcome=\"failed\"} \(count)\n"
        }
        let replies = ["0", "0", "0", count].map { StrangeServer.Reply.whole(metrics($0)) }
        try await StrangeServer.with(replies) { server in
            let ended = try await shell(["bench", "process", "--no-post"], server)
            #expect(ended.code == 0, "\(ended.errors)")
        }
    }

    @Test func `trigger --wait obeys no id that is none, and waits for events only`() async throws {
        let id = #"{"id":"\u001b[2J$(id)"}"#
        try await StrangeServer.with([.whole(id), .whole("{}", status: "404 Not Found")]) { server in
            let ended = try await shell(
                ["trigger", "invoice.paid", "--id", "evt_1", "--wait", "--timeout", "1s"], server)
            #expect(ended.code == 1)
            #expect(ended.errors.contains("see: tollgate events show evt_1\n"), "\(ended.errors)")
            #expect(!ended.errors.contains("\u{1B}"))
        }
        try await StrangeServer.with([.whole("null")]) { server in
            let ended = try await shell(["trigger", "invoice.paid", "--id", "evt_1", "--wait"], server)
            #expect(ended.code == 1)
            #expect(ended.errors.contains("the answer cannot be read"), "\(ended.errors)")
            #expect(server.requests == 2)
        }
    }
}
