// SPDX-License-Identifier: Apache-2.0

import API
import Notation
import Testing

@testable import Console

@Suite struct CallReportTests {
    private static let plain = Terminal(isColoured: false)

    @Test func `sums are a table of what was used`() throws {
        let usage = try Filled.object(
            CustomerUsageAPI.Usage.self,
            [
                "from": "2026-11-01", "to": "2026-12-01", "group_by": "key", "truncated": true,
                "data": [
                    [
                        "key": "key_1", "records": 3, "cost": "0.5", "charge": "0.75", "credits": 750,
                        "pools": ["input": 10, "cache_read": 5, "unit:image": 2, "unit:audio": 1],
                    ], ["records": 1, "cost": "0", "charge": "0"],
                ],
            ])
        #expect(
            CallReport.sums(usage, Self.plain) == [
                "KEY     CALLS  CHARGE  CREDITS  COST  INPUT  READ  UNITS",
                "key_1   3      0.75    750      0.5   10     5     audio 1, image 2",
                "(none)  1      0       0        0", "there is more: ask for fewer days",
            ])
        let none = try Filled.object(
            CustomerUsageAPI.Usage.self, ["from": "2026-11-01", "to": "2026-12-01", "group_by": "day"])
        #expect(CallReport.sums(none, Self.plain) == ["no calls from 2026-11-01 until the day before 2026-12-01"])
    }

    @Test func `a statement says what it comes to, then each call`() throws {
        let statement = try Filled.object(
            StatementsAPI.Statement.self,
            [
                "customer": "cus_1", "month": "2026-11", "opening": "0.0005", "closing": "0.0003", "total": "0.3218",
                "credits": 72, "records": 2, "words": "about 200 pages read",
                "lines": [
                    [
                        "at": "2026-11-26T09:00:00.5Z", "id": "call_1", "model": "m\u{1B}[2J", "status": "ok",
                        "bill": "credits", "charge": "0.0718", "credits": 72, "words": "about 200 pages read",
                    ]
                ],
                "sums": [
                    "records": 2, "free": 1, "credits": 72, "credits_worth": "0.072",
                    "charge": ["credits": "0.0718", "meter": "0.25", "none": "0"],
                ],
            ])
        let lines = CallReport.statement(statement, Self.plain)
        #expect(
            lines.prefix(9) == [
                "cus_1  2026-11", "  calls            2", "  in words         about 200 pages read",
                "  failed and free  1", "  carried over     0.0005", "  charged          0.3218",
                "  credits taken    72, worth 0.072", "  by invoice       0.25", "  carried on       0.0003",
            ])
        #expect(lines.dropFirst(10).first?.hasPrefix("AT                    ID      MODEL") == true)
        #expect(lines.last?.hasPrefix("2026-11-26T09:00:00Z  call_1  m") == true)
        #expect(lines.allSatisfy { !$0.contains("\u{1B}") })
    }

    @Test(arguments: [
        [], ["a/b"], ["cus_1", "--from", "yesterday"], ["cus_1", "--group-by", "hour"],
        ["cus_1", "--to", "2026-02-30"],
    ])
    func `wrong usage of usage ends with 64`(_ arguments: [String]) {
        #expect(CommandLineTests.exitCode(UsageCommand.self, arguments) == 64)
    }

    @Test(arguments: [
        [], ["cus_1", "--month", "2026-13"], ["cus_1", "--month", "11"], ["cus_1", "--format", "pdf"],
        ["cus_1", "--json", "--format", "csv"],
    ])
    func `wrong usage of statement ends with 64`(_ arguments: [String]) {
        #expect(CommandLineTests.exitCode(StatementCommand.self, arguments) == 64)
    }

    @Test func `both forms of asking for JSON may be given`() {
        #expect(CommandLineTests.exitCode(StatementCommand.self, ["cus_1", "--json", "--format", "json"]) == nil)
    }
}
