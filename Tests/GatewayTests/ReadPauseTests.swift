// SPDX-License-Identifier: Apache-2.0

import Hashing
import Notation
import Synchronization
import TestSupport
import Testing

@testable import Gateway
@testable import Store

@Suite struct ReadPauseTests {
    private final class Flag: Sendable {
        private let state = Atomic(false)

        var isSet: Bool { state.load(ordering: .acquiring) }

        func set() { state.store(true, ordering: .releasing) }
    }

    /// An authorization needs a key and an answer: it has waited for the database once the key has.
    @Test func `after a key that was waited for in vain, the answer is not waited for`() async throws {
        try await TestDatabase.with { database in
            let store = Store(database.source, logger: LogRecord().logger)
            let pause = ReadPause()
            let uses = KeyUses(keys: store.keyStore, outages: store.outages, every: .seconds(60))
            let keys = KeyLookup(
                reader: store.keys, cache: KeyCache(), uses: uses, outages: store.outages, pause: pause)
            let access = AccessLookup(reader: store.access, cache: AccessCache(), outages: store.outages, pause: pause)
            let hash = APIKey.digest(of: "a-key-of-somebody".utf8.span)
            let digest = try #require(hash)
            try await TestDatabase.hold(database.source) { connection in
                _ = try connection.executeScript("LOCK TABLE tollgate.api_key, tollgate.account")
            } while: {
                let isAnsweredAtOnce = await withCheckedContinuation { continuation in
                    keys.find(digest) { _ in
                        let isAnswered = Flag()
                        access.find("cus_1", now: { .now }) { _ in isAnswered.set() }
                        continuation.resume(returning: isAnswered.isSet)
                    }
                }
                #expect(isAnsweredAtOnce)
            }
            try await store.close()
        }
    }
}
