// SPDX-License-Identifier: Apache-2.0

import Notation
import Postgres
import Store
import TestSupport
import Testing

/// What several processes do to API keys at the same time.
@Suite struct APIKeyConcurrencyTests {
    @Test func `twenty requests with one idempotency key make one key`() async throws {
        try await KeyProcess.with(3) { processes, database in
            _ = try await processes[0].made(100)
            let results = try await processes.atOnce(20, behind: "account WHERE customer_id = 'cus_1'", database) {
                try await $0.create($1, idempotencyKey: "k1")
            }
            #expect(results.count { $0.created != nil } == 1, "\(results)")
            #expect(Set(results.map(\.record?.id)).count == 1, "\(results)")
            #expect(try await processes[0].count("tollgate.api_key") == 2)
        }
    }

    @Test func `of twenty customers under one idempotency key one gets a key, and only that one is named`() async throws
    {
        try await KeyProcess.with(3) { processes, _ in
            let results = try await processes.atOnce(20) { process, number in
                try await process.create(number, of: "cus_\(number)", idempotencyKey: "k1")
            }
            #expect(results.count { $0.created != nil } == 1)
            #expect(results.count { $0 == .keyReused } == 19, "\(results)")
            #expect(try await processes[0].count("tollgate.account") == 1)
        }
    }

    @Test(arguments: [Duration.zero, .seconds(3600)])
    func `twenty rotations with one idempotency key make one key, which all of them get`(_ overlap: Duration)
        async throws
    {
        try await KeyProcess.with(3) { processes, database in
            let old = try await processes[0].made(100)
            let results = try await processes.atOnce(20, behind: "api_key WHERE id = 'key_100'", database) {
                try await $0.rotate(old.id, to: $1, overlap: overlap, idempotencyKey: "r1")
            }
            #expect(results.count { $0.created != nil } == 1)
            #expect(Set(results.map(\.record?.id)).count == 1, "\(results)")
            #expect(try await processes[0].count("tollgate.api_key") == 2)
        }
    }

    @Test func `of twenty rotations without an overlap one makes a key`() async throws {
        try await KeyProcess.with(3) { processes, database in
            let old = try await processes[0].made(100)
            let results = try await processes.atOnce(20, behind: "api_key WHERE id = 'key_100'", database) {
                try await $0.rotate(old.id, to: $1, idempotencyKey: "r\($1)")
            }
            #expect(results.count { $0.created != nil } == 1)
            #expect(results.count { $0 == .notActive } == 19, "\(results)")
        }
    }

    @Test(arguments: [true, false])
    func `a rotation that waits for a deletion, or for a disabling, sees it`(_ isDeletion: Bool) async throws {
        try await KeyProcess.with(2) { processes, database in
            let old = try await processes[0].made()
            let rotation = try await waiting(database, for: old.id, whose: isDeletion) {
                try await processes[1].rotate(old.id, to: 2, overlap: .seconds(60), idempotencyKey: "r1")
            }
            #expect(rotation == (isDeletion ? .unknown : .notActive))
            #expect(try await processes[0].count("tollgate.api_key") == 1)
        }
    }

    /// Runs `request` until it waits for another session, which has deleted or disabled a key and then commits.
    private func waiting(
        _ database: TestDatabase,
        for id: String,
        whose isDeletion: Bool,
        _ request: @escaping @Sendable () async throws -> APIKeyResult
    ) async throws -> APIKeyResult {
        var running: Task<APIKeyResult, any Error>?
        try await TestDatabase.hold(database.source) { connection in
            let change: SQL = isDeletion ? "deleted_at = now(), deleted_by = 'x'" : "is_disabled = true"
            try connection.execute("UPDATE tollgate.api_key SET \(change) WHERE id = \(id)")
        } while: {
            running = Task { try await request() }
            try await KeyProcess.waiting(1, database)
        }
        return try await #require(running).value
    }

    @Test func `a creation and a rotation under one idempotency key at once make one key`() async throws {
        try await KeyProcess.with(2) { processes, _ in
            for round in 1...30 {
                let old = try await processes[0].made(1000 + round)
                let before = try await processes[0].count("tollgate.api_key")
                async let creation = processes[0].create(2000 + round, idempotencyKey: "k\(round)")
                async let rotation = processes[1].rotate(
                    old.id, to: 3000 + round, overlap: .seconds(60), idempotencyKey: "k\(round)")
                let results = try await [creation, rotation]
                #expect(results.count { $0.created != nil } == 1, "\(results)")
                #expect(results.count { $0 == .keyReused } == 1, "\(results)")
                #expect(try await processes[0].count("tollgate.api_key") == before + 1)
            }
        }
    }

    @Test func `two customers that import one key at once: one has it, and the other is not named`() async throws {
        try await KeyProcess.with(3) { processes, _ in
            let results = try await processes.atOnce(20) { process, number in
                try await process.importKey(1, of: "cus_\(number)")
            }
            #expect(results.count { $0.created != nil } == 1)
            #expect(results.count { $0 == .exists } == 19, "\(results)")
            #expect(try await processes[0].count("tollgate.account") == 1)
        }
    }

    @Test func `processes that note the uses of the same keys at once do not block one another`() async throws {
        try await KeyProcess.with(2) { processes, _ in
            for number in 1...300 { _ = try await processes[0].made(number) }
            let ids = (1...300).map { "key_\($0)" }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (process, order) in zip(processes, [ids, ids.reversed()]) {
                    group.addTask {
                        for round in 1...20 {
                            let at = Timestamp(seconds: Int64(1_800_000_000 + round))
                            try await process.keys.touch(order.map { APIKeyUse(id: $0, at: at) })
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
