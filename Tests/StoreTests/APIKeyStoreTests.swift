// SPDX-License-Identifier: Apache-2.0

import Hashing
import Notation
import Postgres
import Store
import Synchronization
import TestSupport
import Testing

/// API keys on a real database.
@Suite struct APIKeyStoreTests {
    private static let past = Timestamp(seconds: 1_000_000_000)
    private static let future = Timestamp(seconds: 4_000_000_000)

    @Test func `a refused import changes nothing, and names nobody`() async throws {
        try await KeyProcess.with { processes, _ in
            let process = processes[0]
            let mine = try #require(try await process.importKey(1, label: "old").created)
            #expect(try await process.importKey(1, label: "old") == .repeated(mine))
            for customer in ["cus_1", "cus_2"] { #expect(try await process.importKey(1, of: customer) == .exists) }
            #expect(try await process.keys.delete(mine.id, operator: "night-shift") != nil)
            for customer in ["cus_1", "cus_3"] {
                #expect(try await process.importKey(1, of: customer, label: "old") == .exists)
            }
            #expect(try await process.count("tollgate.account") == 1)
            #expect(try await process.count("tollgate.api_key") == 1)
        }
    }

    @Test func `a key that would have ended already is not made, but one that was made is shown`() async throws {
        try await KeyProcess.with { processes, _ in
            let process = processes[0]
            #expect(try await process.create(1, expiresAt: Self.past, idempotencyKey: "k1") == .ended)
            #expect(try await process.importKey(1, expiresAt: Self.past) == .ended)
            #expect(try await process.count("tollgate.account") == 0)
            // A refusal is not kept.
            let made = try #require(try await process.create(1, expiresAt: Self.future, idempotencyKey: "k1").created)
            let imported = try #require(try await process.importKey(2, expiresAt: Self.future).created)
            #expect(made.expiresAt == Self.future && imported.expiresAt == Self.future)
            // As if both had been asked for long ago.
            let request: JSON = ["create": "cus_1", "label": .null, "expires_at": .string("\(Self.past)")]
            try await process.set("expires_at = \(Self.past)", where: "true")
            try await process.set("request = \(request)", where: "id = \(made.id)")
            #expect(try await process.create(3, expiresAt: Self.past, idempotencyKey: "k1").repeated?.id == made.id)
            #expect(try await process.importKey(2, expiresAt: Self.past).repeated?.id == imported.id)
        }
    }

    @Test func `who asks again for a key that was deleted since sees that it does not work`() async throws {
        try await KeyProcess.with { processes, _ in
            let process = processes[0]
            let made = try #require(try await process.create(1, idempotencyKey: "k1").created)
            #expect(try await process.create(2, idempotencyKey: "k1").repeated?.isDisabled == false)
            _ = try await process.store.keyStore.delete(made.id, operator: "ops")
            #expect(try await process.create(3, idempotencyKey: "k1").repeated?.isDisabled == true)
        }
    }

    @Test func `every change is announced to other processes`() async throws {
        try await KeyProcess.with(2) { processes, _ in
            let heard = Mutex<[String]>([])
            let isOver = Atomic(false)
            processes[1].store.keyChanges.subscribe { names in heard.withLock { $0 += names } }
            let (began, begin) = AsyncStream<Void>.makeStream()
            async let listening: Void = processes[1].store.accessFeed.listen(
                began: { begin.finish() }, isOver: { isOver.load(ordering: .relaxed) })
            for await _ in began {}
            do {
                // Else a failure would wait for the end of listening.
                defer { isOver.store(true, ordering: .relaxed) }
                func announced(_ numbers: [Int], _ what: String, _ change: () async throws -> Void) async throws {
                    heard.withLock { $0 = [] }
                    try await change()
                    let expected = Set(try numbers.map { try KeyProcess.digest($0).hex })
                    try await eventually("the announcement of \(what)") {
                        heard.withLock { Set($0) } == expected ? true : nil
                    }
                }
                let process = processes[0]
                try await announced([1], "a new key") { _ = try await process.made(1) }
                try await announced([2], "an import") { _ = try await process.importKey(2) }
                try await announced([1], "a change") {
                    _ = try await process.keys.change("key_1", APIKeyChange(isDisabled: false))
                }
                try await announced([1, 3], "a rotation") {
                    _ = try await process.rotate("key_1", to: 3, overlap: .seconds(60), idempotencyKey: "r1")
                }
                try await announced([1], "a deletion") { _ = try await process.keys.delete("key_1", operator: "x") }
                // What comes after it on the same channel shows that a use was not announced.
                try await announced([3], "a change after a use") {
                    try await process.keys.touch([APIKeyUse(id: "key_i2of1", at: Self.past)])
                    _ = try await process.keys.change("key_3", APIKeyChange(label: "x"))
                }
            }
            try await listening
        }
    }

    @Test func `what gateways read of a key grows by a version with every change, and not with its use`() async throws {
        try await KeyProcess.with { processes, _ in
            let process = processes[0]
            #expect(try await process.lookUp(1) == nil)
            let made = try await process.made()
            var answer = APIKeyAnswer(
                id: made.id, customer: "cus_1", livemode: true, expiresAt: nil, isOff: false, version: 1)
            #expect(try await process.lookUp(1) == answer)
            try await process.keys.touch([APIKeyUse(id: made.id, at: Self.past)])
            #expect(try await process.lookUp(1) == answer)

            let change = APIKeyChange(expiresAt: .some(Self.future), isDisabled: true)
            #expect(try await process.keys.change(made.id, change)?.expiresAt == Self.future)
            answer = APIKeyAnswer(
                id: made.id, customer: "cus_1", livemode: true, expiresAt: Self.future, isOff: true, version: 2)
            #expect(try await process.lookUp(1) == answer)
            let reverse = APIKeyChange(expiresAt: .some(nil), isDisabled: false)
            #expect(try await process.keys.change(made.id, reverse)?.expiresAt == nil)
            #expect(try await process.lookUp(1)?.isOff == false)
            _ = try await process.rotate(made.id, to: 2, overlap: .seconds(60), idempotencyKey: "r1")
            #expect(try await process.lookUp(1)?.expiresAt != nil)
            #expect(try await process.lookUp(1)?.version == 4)
            #expect(try await process.lookUp(2)?.version == 1)
            _ = try await process.keys.delete(made.id, operator: "x")
            #expect(try await process.lookUp(1)?.isOff == true)
            #expect(try await process.lookUp(1)?.version == 5)
        }
    }

    @Test func `the old key ends after the overlap, or sooner by itself`() async throws {
        try await KeyProcess.with { processes, _ in
            let process = processes[0]
            let soon = Timestamp(seconds: Timestamp.now.seconds + 3600)
            _ = try await process.create(1, label: "mine", expiresAt: soon, idempotencyKey: "k1")
            let first = try #require(
                try await process.rotate("key_1", to: 2, overlap: .seconds(7200), idempotencyKey: "r1").created)
            #expect(first.customer == "cus_1" && first.label == "mine" && first.expiresAt == nil)
            #expect(try await process.keys.find("key_1")?.expiresAt == soon)
            _ = try await process.rotate("key_2", to: 3, overlap: .seconds(60), idempotencyKey: "r2")
            let end = try #require(try await process.keys.find("key_2")?.expiresAt)
            #expect(end > Timestamp(seconds: soon.seconds - 3600) && end < soon)
        }
    }

    @Test func `the time of the last use never moves back`() async throws {
        try await KeyProcess.with { processes, _ in
            let process = processes[0]
            _ = try await process.made()
            for (at, expected) in [(20, 20), (10, 20), (30, 30)] as [(Int64, Int64)] {
                let uses = [APIKeyUse(id: "key_1", at: Timestamp(seconds: at)), APIKeyUse(id: "key_9", at: Self.past)]
                try await process.keys.touch(uses)
                #expect(try await process.keys.find("key_1")?.lastUsedAt == Timestamp(seconds: expected))
            }
            try await process.keys.touch([])
        }
    }

    @Test func `pages go through all keys once, the newest first, also past one that was deleted`() async throws {
        try await KeyProcess.with { processes, _ in
            let process = processes[0]
            for number in 1...7 { _ = try await process.made(number) }
            // Several of one moment.
            try await process.set("created_at = '2026-11-26'", where: "id IN ('key_3', 'key_4', 'key_5')")
            _ = try await process.create(8, of: "cus_2", idempotencyKey: "other")
            var seen: [String] = []
            var last: String?
            while true {
                let page = try await process.keys.list(of: "cus_1", startingAfter: last, limit: 2)
                guard case .page(let records, let hasMore) = page else { break }
                seen += records.map(\.id)
                last = records.last?.id
                // The cursor stays one.
                if let last { _ = try await process.keys.delete(last, operator: "x") }
                if !hasMore { break }
            }
            #expect(seen == ["key_7", "key_6", "key_2", "key_1", "key_5", "key_4", "key_3"])
        }
    }

    @Test(arguments: [1, 255, 256, 500])
    func `a label may be as long as the routes allow`(_ length: Int) async throws {
        try await KeyProcess.with { processes, _ in
            let label = String(repeating: "é", count: length)
            let made = try await processes[0].create(1, label: label, idempotencyKey: "k1")
            #expect(made.created?.label == label)
        }
    }
}
