// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import Store

/// The flags of up to a million customers, for gateways that ask tens of thousands of times a second. The database
/// announces every customer whose answer changes; an answer that was not announced since it was read may be given, and
/// may still be given while the database is unavailable.
///
/// All times are arguments: `now` is nanoseconds of a monotonic clock with any origin, `at` is the time of day.
package final class AccessCache: Sendable {
    /// What a gateway is told.
    package struct Answer: Sendable, Hashable {
        package let reason: Reason
        package let until: Timestamp?
        package let credits: Int64
        /// What holds keep of them; always 0 from memory, which is not told of holds.
        package let held: Int64
        package let version: Int64

        package init(reason: Reason, until: Timestamp?, credits: Int64, held: Int64 = 0, version: Int64) {
            self.reason = reason
            self.until = until
            self.credits = credits
            self.held = held
            self.version = version
        }

        /// Of what the database has just answered: what can be spent or held.
        package var available: Int64 { credits - held }

        package init(_ answer: AccessAnswer) {
            self.init(
                reason: answer.decision.reason, until: answer.decision.until, credits: answer.credits,
                held: answer.held, version: answer.version)
        }
    }

    package enum Hit: Sendable, Hashable {
        /// It may be given.
        case fresh(Answer)
        /// It may have changed: ask the database. If that is unavailable, this may be given, marked as stale.
        case old(Answer)
        case unknown
    }

    private let entries: EntryCache<AccessEntry>

    /// Receives no announcements at first: nothing is fresh before `feedUp()`.
    /// - Parameters:
    ///   - limit: how many customers it holds.
    ///   - freshFor: how long an answer counts as fresh if the announcement of its change never came.
    ///   - staleFor: how long after it was read an answer may be given at all.
    package convenience init(
        limit: Int = 1_000_000,
        freshFor: Duration = .seconds(5 * 60),
        staleFor: Duration = .seconds(15 * 60)
    ) {
        self.init(limit: limit, freshFor: freshFor, staleFor: staleFor, hashMask: .max)
    }

    /// - Parameter hashMask: which bits of a hash count within a shard.
    init(limit: Int, freshFor: Duration, staleFor: Duration, hashMask: UInt32) {
        entries = EntryCache(limit: limit, freshFor: freshFor, staleFor: staleFor, hashMask: hashMask)
    }

    /// Customers, including those whose answer is too old to be given.
    var count: Int { entries.count }

    /// Customers that are being read.
    var readingCount: Int { entries.readingCount }

    /// What is known about a customer. Allocates nothing for ids of up to 24 bytes.
    package func lookup(_ id: Span<UInt8>, at time: Timestamp, now: UInt64) -> Hit {
        let hit = entries.lookup(CustomerKey(id), now: now) { $0.answer(at: time) }
        guard let hit else { return .unknown }
        let (answer, isKnown) = hit.found
        return isKnown && hit.isFresh ? .fresh(answer) : .old(answer)
    }

    /// To be called before the database is asked.
    package func beginReading(_ id: Span<UInt8>, now: UInt64) -> AccessTicket {
        entries.beginReading(CustomerKey(id), now: now)
    }

    /// Keeps what the database answered: as fresh, unless the customer was announced or the announcements were
    /// interrupted since the ticket was taken. What is already known is not replaced by a lower version.
    /// - Parameter answer: nil for a customer whom nothing has named; it takes no room.
    package func fill(_ ticket: AccessTicket, _ answer: AccessAnswer?, now: UInt64) {
        entries.fill(
            ticket, now: now, answer.map { answer in { AccessEntry(answer, key: $0.key, readAt: $0.begunAt) } })
    }

    /// The database did not answer.
    package func abandon(_ ticket: AccessTicket) { entries.abandon(ticket) }

    /// The answers of these customers have changed: neither what is known about them nor what is being read is fresh.
    package func announced(_ customers: some Sequence<some Collection<UInt8>>) {
        for customer in customers { entries.announced(CustomerKey(Array(customer).span)) }
    }

    /// Announcements are being received: reads that begin from now on give fresh answers. To be called once the
    /// database has confirmed that it will announce.
    package func feedUp() { entries.feedUp() }

    /// Announcements may be missing: nothing is fresh any more, and what is being read now will not be.
    package func feedDown() { entries.feedDown() }
}

/// A read of one customer that is in flight.
package typealias AccessTicket = CacheTicket<AccessEntry>
