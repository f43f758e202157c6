// SPDX-License-Identifier: Apache-2.0

import API
import Notation
import Testing

@testable import Console

@Suite struct ReplayReportTests {
    private static let plain = Terminal(isColoured: false)

    private func replay(_ members: JSON) throws -> Object<ReplaysAPI.Replay> {
        try Filled.object(ReplaysAPI.Replay.self, members)
    }

    private static let running: JSON = [
        "id": "rpl_1", "status": "running", "matched": 300, "skipped": 2, "queued": 200, "pending": 50,
        "ended": ["processed": 147, "ignored": 0, "failed": 3, "quarantined": 0],
        "filter": [
            "status": "failed", "type": "invoice.paid", "customer": .null, "created_after": "2026-11-26T09:00:00Z",
            "created_before": .null,
        ],
        "operator": "alice", "created_at": "2026-11-27T09:00:00Z", "finished_at": .null,
    ]

    @Test func `a replay's report says what it is about, how far it is and how its events ended`() throws {
        #expect(
            ReplayReport.show(try replay(Self.running), Self.plain) == [
                "rpl_1  running",
                "  events    failed, invoice.paid, after 2026-11-26T09:00:00Z",
                "  matched   300",
                "  left out  2",
                "  queued    200",
                "  pending   50",
                "  by        alice",
                "  started   2026-11-27T09:00:00Z",
                "",
                "Ended",
                "ENDED AS   EVENTS",
                "processed  147",
                "failed     3",
            ])
        #expect(
            ReplayReport.list([try replay(Self.running)], Self.plain) == [
                "ID     STATUS   EVENTS                                            MATCHED  ENDED  FAILED  "
                    + "STARTED               BY",
                "rpl_1  running  failed, invoice.paid, after 2026-11-26T09:00:00Z  300      150    3       "
                    + "2026-11-27T09:00:00Z  alice",
            ])
        #expect(ReplayReport.list([], Self.plain) == ["no replays"])
    }

    @Test func `the progress fits a line, from nothing to all`() throws {
        #expect(
            ReplayReport.progress(try replay(Self.running))
                == "[###############---------------]  50%  150 of 300  processed 147  failed 3")
        #expect(
            ReplayReport.progress(try replay(["matched": 300])) == "[------------------------------]   0%  0 of 300")
        let all = try replay(["matched": 2, "ended": ["ignored": 2]])
        #expect(ReplayReport.progress(all) == "[##############################] 100%  2 of 2  ignored 2")
        #expect(
            ReplayReport.summary(try replay(Self.running))
                == "rpl_1: running  150 of 300 events  processed 147  failed 3")
        #expect(ReplayReport.summary(try replay(["id": "rpl_1", "matched": 0])) == "rpl_1: no event matches")
    }

    @Test func `the numbers may be any`() throws {
        let ended: JSON = [
            "processed": .integer(.max), "ignored": .integer(.max), "failed": .integer(.min), "quarantined": 1,
        ]
        for matched: JSON in [.integer(.max), .integer(.min), 0, -1, 1] {
            let replay = try replay(["id": "rpl_1", "matched": matched, "ended": ended])
            #expect(ReplayReport.progress(replay).contains("100%"))
            #expect(!ReplayReport.summary(replay).isEmpty)
            #expect(ReplayReport.list([replay], Self.plain).last?.contains("\(Int64.max)") == true)
        }
        #expect(ReplayReport.progress(try replay(["matched": 3, "ended": ["failed": -9]])).contains("  0%"))
    }

    @Test func `a dry run shows how many, how many not, and the newest`() throws {
        let answer = try Filled.object(
            ReplaysAPI.Preview.self,
            [
                "count": 12, "skipped": 3,
                "sample": [["id": "evt_1", "type": "a.b", "status": "failed", "source": "webhook"]],
            ])
        #expect(
            ReplayReport.dryRun(answer, Self.plain) == [
                "would run 12 events again", "would leave out 3, whose payload is gone", "", "The newest of them",
                "ID     TYPE  STATUS  RECEIVED              ATTEMPTS",
                "evt_1  a.b   failed  2026-11-26T09:00:00Z  0",
            ])
        #expect(
            ReplayReport.dryRun(try Filled.object(ReplaysAPI.Preview.self, [:]), Self.plain) == [
                "would run 0 events again"
            ])
    }
}
