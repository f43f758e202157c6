// SPDX-License-Identifier: Apache-2.0

import Logging
import Metering
import Notation
import TestSupport
import Testing

@testable import Store

/// Statements that are read page by page.
@Suite struct UsageReaderTests {
    private static func with(_ calls: [UsageCall], _ body: (UsageReader, TestDatabase) async throws -> Void)
        async throws
    {
        try await TestDatabase.with { database in
            try await UsageCall.record(calls, on: database.source)
            let store = Store(database.source, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            let result: Result<Void, any Error>
            do {
                result = .success(try await body(store.usageReads, database))
            } catch {
                result = .failure(error)
            }
            try await store.close()
            try result.get()
        }
    }

    /// Reads a statement to its end.
    private static func all(
        _ reader: UsageReader, _ found: (statement: UsageStatement, lines: [UsageLine]), by limit: Int
    ) async throws -> [UsageLine] {
        var (lines, page) = (found.lines, found.lines)
        while page.count == limit, let last = page.last {
            page = try await reader.lines(of: found.statement, after: last, atMost: limit)
            lines += page
        }
        return lines
    }

    @Test(arguments: [1, 2, 3, 100])
    func `pages have every call once, in the order of times and ids`(_ limit: Int) async throws {
        let time = "2026-11-26T09:00:00Z"
        let calls = [
            UsageCall("b", at: time, charge: "1"), UsageCall("a", at: time, charge: "2"),
            UsageCall("Z", at: time, charge: "4"), UsageCall("c", at: "2026-11-26T08:59:59.999999Z", charge: "8"),
            UsageCall("d", at: "2026-11-26T09:00:00.000001Z", charge: "16"),
            UsageCall("e", at: time, charge: "32") { $0.customer = "cus_2" },
        ]
        try await Self.with(calls) { reader, _ in
            let month = try #require(UTCMonth("2026-11"))
            let found = try #require(try await reader.statement(of: "cus_1", month, atMost: limit))
            #expect(found.lines.count == min(limit, 5))
            let lines = try await Self.all(reader, found, by: limit)
            #expect(lines.map(\.id) == ["c", "Z", "a", "b", "d"])
            #expect(found.statement.total == Dollars("31"))
        }
    }

    @Test func `what is charged while a statement is read is not in it`() async throws {
        let calls = (1...4).map { UsageCall("call_\($0)", at: "2026-11-0\($0)T00:00:00Z", charge: "0.0005") }
        try await Self.with(calls) { reader, database in
            let month = try #require(UTCMonth("2026-11"))
            let found = try #require(try await reader.statement(of: "cus_1", month, atMost: 2))
            try await UsageCall.record(
                [UsageCall("call_3b", at: "2026-11-03T12:00:00Z", charge: "7")], on: database.source)
            let lines = try await Self.all(reader, found, by: 2)
            #expect(lines.map(\.id) == ["call_1", "call_2", "call_3", "call_4"])
            #expect(found.statement.total == Dollars("0.002") && found.statement.records == 4)
            let later = try #require(try await reader.statement(of: "cus_1", month, atMost: 2))
            #expect(try await Self.all(reader, later, by: 2).map(\.id).contains("call_3b"))
        }
    }

    @Test func `more groups than are wanted are said to be there`() async throws {
        let calls = (1...3).map { UsageCall("call_\($0)", at: "2026-11-0\($0)T00:00:00Z", charge: "\($0)") }
        try await Self.with(calls) { reader, _ in
            let month = try #require(UTCMonth("2026-11"))
            for (limit, isTruncated) in [(2, true), (3, false)] {
                let found = try await reader.usage(
                    of: "cus_1", from: month.start, to: month.end, groupedBy: .day, atMost: limit)
                let sums = try #require(found)
                #expect(sums.groups.map(\.name) == (1...limit).map { .day("2026-11-0\($0)") })
                #expect(sums.isTruncated == isTruncated)
            }
        }
    }
}
