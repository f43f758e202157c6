// SPDX-License-Identifier: Apache-2.0

import Hashing
import NIOCore
import Notation
import Store

/// Whose an API key is: from memory while the database has announced no change to it, and while the database is
/// unavailable.
package struct KeyLookup: Sendable {
    package enum Outcome: Sendable {
        /// - Parameter isStale: whether the database is unavailable and the key may have changed since.
        case known(APIKeyAnswer, isStale: Bool)
        /// No such key was ever made or imported.
        case unknownKey
        /// The database is unavailable, and nothing is remembered.
        case unavailable
        /// The database refused the query: somebody has to look, and the log says so.
        case failed
    }

    /// How long to wait for the database before memory answers.
    private static let deadline: Duration = .seconds(1)

    private let reader: APIKeyReader
    private let cache: KeyCache
    private let uses: KeyUses
    private let outages: Outages
    private let pause: ReadPause

    package init(reader: APIKeyReader, cache: KeyCache, uses: KeyUses, outages: Outages, pause: ReadPause) {
        self.reader = reader
        self.cache = cache
        self.uses = uses
        self.outages = outages
        self.pause = pause
    }

    /// What memory knows for sure: the hot path of nearly every request.
    /// - Returns: also whether the key's use is to be noted, which is so once a minute.
    package func remembered(_ key: SHA256Digest, at time: Timestamp) -> (answer: APIKeyAnswer, isUseDue: Bool)? {
        guard let known = cache.use(key, at: time, now: Self.uptime), known.isFresh else { return nil }
        return (known.answer, known.isFirst)
    }

    /// Asks the database, for a key that is not remembered.
    /// - Parameter answer: called once, from any thread.
    package func find(_ key: SHA256Digest, _ answer: @escaping @Sendable (Outcome) -> Void) {
        if pause.lasts { return answer(recall(key)) }
        let ticket = cache.beginReading(key, now: Self.uptime)
        reader.read(key, by: .now + Self.deadline) { result in
            switch result {
            case .success(let found):
                cache.fill(ticket, found, now: Self.uptime)
                answer(found.map { .known($0, isStale: false) } ?? .unknownKey)
            case .failure(.outage(let trouble, let error)):
                cache.abandon(ticket)
                pause.begin()
                outages.failed(.requests, trouble, error)
                answer(recall(key))
            case .failure(.unexpected(let trouble, let error)):
                cache.abandon(ticket)
                outages.failed(.requests, trouble, error)
                answer(.failed)
            }
        }
    }

    /// Whether the use of a key that was found is to be noted.
    package func isUseDue(_ key: SHA256Digest, at time: Timestamp) -> Bool {
        // One that memory has no room for is noted each time.
        cache.use(key, at: time, now: Self.uptime)?.isFirst ?? true
    }

    /// Notes that a key was shown and is good.
    package func noteUse(of key: APIKeyAnswer, at time: Timestamp) { uses.add(key.id, at: time) }

    private func recall(_ key: SHA256Digest) -> Outcome {
        switch cache.lookup(key, now: Self.uptime) {
        case .fresh(let known), .old(let known): .known(known, isStale: true)
        case .unknown: .unavailable
        }
    }

    /// The cache's clock, in nanoseconds.
    private static var uptime: UInt64 { NIODeadline.now().uptimeNanoseconds }
}
