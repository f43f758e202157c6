// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Notation
import Store

/// What gateways are told about a customer: from memory while the database has announced no change to it, and while the
/// database is unavailable.
package struct AccessLookup: Sendable {
    package enum Outcome: Sendable {
        /// - Parameter isStale: whether the database is unavailable and the answer may have changed since.
        case known(AccessCache.Answer, isStale: Bool)
        /// No event and no operator has named the customer.
        case unknownCustomer
        /// The database is unavailable, and nothing is remembered.
        case unavailable
        /// The database refused the query: somebody has to look, and the log says so.
        case failed
    }

    /// How long to wait for the database before memory answers.
    private static let deadline: Duration = .seconds(1)

    private let reader: AccessReader
    private let cache: AccessCache
    private let outages: Outages
    private let pause: ReadPause

    package init(reader: AccessReader, cache: AccessCache, outages: Outages, pause: ReadPause) {
        self.reader = reader
        self.cache = cache
        self.outages = outages
        self.pause = pause
    }

    /// What memory knows for sure: the hot path of nearly every request, without a closure.
    package func remembered(_ customer: String, at now: Timestamp) -> AccessCache.Answer? {
        guard case .fresh(let known) = cache.lookup(customer.utf8.span, at: now, now: Self.uptime) else { return nil }
        return known
    }

    /// - Parameters:
    ///   - now: this machine's clock; read again if the database has to be asked.
    ///   - answer: called once, from any thread; immediately if memory knows.
    package func find(
        _ customer: String,
        now: @escaping @Sendable () -> Timestamp,
        _ answer: @escaping @Sendable (Outcome) -> Void
    ) {
        if let known = remembered(customer, at: now()) { return answer(.known(known, isStale: false)) }
        read(customer, now: now, orElse: { recall(customer, at: now()) }, answer)
    }

    /// What the database knows now, whatever memory knows: for who must have the balance of this moment.
    /// - Parameter answer: as of `find`, but never stale.
    package func ask(
        _ customer: String,
        now: @escaping @Sendable () -> Timestamp,
        _ answer: @escaping @Sendable (Outcome) -> Void
    ) {
        read(customer, now: now, orElse: { .unavailable }, answer)
    }

    /// What the database knows now, whatever memory knows; what memory knows while the database is unavailable.
    func findAnew(
        _ customer: String,
        now: @escaping @Sendable () -> Timestamp,
        _ answer: @escaping @Sendable (Outcome) -> Void
    ) {
        read(customer, now: now, orElse: { recall(customer, at: now()) }, answer)
    }

    /// - Parameter recall: the answer while the database is unavailable.
    private func read(
        _ customer: String,
        now: @escaping @Sendable () -> Timestamp,
        orElse recall: @escaping @Sendable () -> Outcome,
        _ answer: @escaping @Sendable (Outcome) -> Void
    ) {
        if pause.lasts { return answer(recall()) }
        let ticket = cache.beginReading(customer.utf8.span, now: Self.uptime)
        reader.read(customer, by: .now + Self.deadline) { result in
            switch result {
            case .success(let found):
                cache.fill(ticket, found, now: Self.uptime)
                let current = found.map { AccessCache.Answer($0.elapsed(to: now())) }
                answer(current.map { .known($0, isStale: false) } ?? .unknownCustomer)
            case .failure(.outage(let trouble, let error)):
                cache.abandon(ticket)
                pause.begin()
                outages.failed(.requests, trouble, error)
                answer(recall())
            case .failure(.unexpected(let trouble, let error)):
                cache.abandon(ticket)
                outages.failed(.requests, trouble, error)
                answer(.failed)
            }
        }
    }

    private func recall(_ customer: String, at now: Timestamp) -> Outcome {
        switch cache.lookup(customer.utf8.span, at: now, now: Self.uptime) {
        case .fresh(let known), .old(let known): .known(known, isStale: true)
        case .unknown: .unavailable
        }
    }

    /// The cache's clock, in nanoseconds.
    private static var uptime: UInt64 { NIODeadline.now().uptimeNanoseconds }
}
