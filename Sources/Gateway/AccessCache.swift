// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import Store
import Synchronization

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
        package let version: Int64

        package init(reason: Reason, until: Timestamp?, credits: Int64, version: Int64) {
            self.reason = reason
            self.until = until
            self.credits = credits
            self.version = version
        }

        package init(_ answer: AccessAnswer) {
            self.init(
                reason: answer.decision.reason, until: answer.decision.until, credits: answer.credits,
                version: answer.version)
        }
    }

    package enum Hit: Sendable, Hashable {
        /// It may be given.
        case fresh(Answer)
        /// It may have changed: ask the database. If that is unavailable, this may be given, marked as stale.
        case old(Answer)
        case unknown
    }

    /// Decides whether an entry is fresh.
    struct Rules: Sendable {
        /// Nanoseconds.
        let freshFor: UInt64
        /// Nanoseconds.
        let staleFor: UInt64
        /// `AccessCache.epoch`.
        let epoch: UInt32

        func isFresh(_ entry: AccessEntry, now: UInt64) -> Bool {
            entry.epoch != 0 && entry.epoch == epoch && !entry.isOver(freshFor, now: now)
        }
    }

    private static let shardBits = 6
    /// With fewer customers than this in each, the shards of a small cache would fill too unevenly.
    private static let shardMinimum = 1024

    private let freshFor: UInt64
    private let staleFor: UInt64
    private let shards: InlineArray<64, Mutex<AccessShard>>
    private let shardMask: Int
    /// Odd while announcements are being received; incremented at each beginning and each end.
    private let epoch = Atomic<UInt32>(0)

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
        self.freshFor = Self.nanoseconds(freshFor)
        self.staleFor = Self.nanoseconds(staleFor)
        var used = 1 << Self.shardBits
        while used > 1, limit / used < Self.shardMinimum { used /= 2 }
        shardMask = used - 1
        shards = InlineArray { [used] shard in
            Mutex(AccessShard(limit: max(0, (limit + used - 1 - shard) / used), hashMask: hashMask))
        }
    }

    /// Customers, including those whose answer is too old to be given.
    var count: Int { sum { $0.count } }

    /// Customers that are being read.
    var readingCount: Int { sum { $0.readingCount } }

    /// What is known about a customer. Allocates nothing for ids of up to 24 bytes.
    package func lookup(_ id: Span<UInt8>, at time: Timestamp, now: UInt64) -> Hit {
        let key = CustomerKey(id)
        let hash = key.seededHash
        // Read before the entry, so that an interruption that ended before this call is seen.
        let rules = rules
        return withShard(hash) { $0.lookup(key, hash, at: time, now: now, rules) }
    }

    /// To be called before the database is asked.
    package func beginReading(_ id: Span<UInt8>, now: UInt64) -> AccessTicket {
        let key = CustomerKey(id)
        let hash = key.seededHash
        let epoch = rules.epoch
        let announcements = withShard(hash) { $0.beginReading(key) }
        return AccessTicket(
            key, hash, epoch: epoch, announcements: announcements, begunAt: now, cache: self
        )
    }

    /// Keeps what the database answered: as fresh, unless the customer was announced or the announcements were
    /// interrupted since the ticket was taken. What is already known is not replaced by a lower version.
    /// - Parameter answer: nil for a customer whom nothing has named; it takes no room.
    package func fill(_ ticket: AccessTicket, _ answer: AccessAnswer?, now: UInt64) {
        guard ticket.close() else { return }
        let rules = rules
        withShard(ticket.hash) { shard in
            let isVoid = ticket.end(in: &shard) || ticket.epoch != rules.epoch
            guard let answer else {
                // If something came in between, it may have been the customer's first event.
                if !isVoid { shard.drop(ticket.key, ticket.hash) }
                return
            }
            // From here on, an interruption is noticed when the entry is looked up: its epoch is then over.
            let epoch = isVoid || !Self.isReceiving(ticket.epoch) ? 0 : ticket.epoch
            let entry = AccessEntry(answer, key: ticket.key, epoch: epoch, readAt: ticket.begunAt)
            shard.keep(entry, ticket.hash, now: now, rules)
        }
    }

    /// The database did not answer.
    package func abandon(_ ticket: AccessTicket) {
        guard ticket.close() else { return }
        withShard(ticket.hash) { _ = ticket.end(in: &$0) }
    }

    /// The answers of these customers have changed: neither what is known about them nor what is being read is fresh.
    package func announced(_ customers: some Sequence<some Collection<UInt8>>) {
        for customer in customers { announced(Array(customer).span) }
    }

    func announced(_ customer: Span<UInt8>) {
        let key = CustomerKey(customer)
        let hash = key.seededHash
        withShard(hash) { $0.announced(key, hash) }
    }

    /// Announcements are being received: reads that begin from now on give fresh answers. To be called once the
    /// database has confirmed that it will announce.
    package func feedUp() { beginEpoch(isReceiving: true) }

    /// Announcements may be missing: nothing is fresh any more, and what is being read now will not be.
    package func feedDown() { beginEpoch(isReceiving: false) }

    func withShard<R>(_ hash: UInt64, _ body: (inout AccessShard) -> R) -> R {
        // In bounds: the mask is below the number of shards.
        shards[Int(hash >> (64 - Self.shardBits)) & shardMask].withLock { body(&$0) }
    }

    private var rules: Rules {
        Rules(freshFor: freshFor, staleFor: staleFor, epoch: epoch.load(ordering: .acquiring))
    }

    private static func isReceiving(_ epoch: UInt32) -> Bool { epoch & 1 == 1 }

    private func beginEpoch(isReceiving: Bool) {
        var known = epoch.load(ordering: .relaxed)
        while Self.isReceiving(known) != isReceiving {
            let (exchanged, original) = epoch.weakCompareExchange(
                expected: known, desired: known &+ 1, ordering: .acquiringAndReleasing
            )
            if exchanged { return }
            known = original
        }
    }

    private func sum(_ part: (inout AccessShard) -> Int) -> Int {
        var sum = 0
        for shard in shards.indices { sum += shards[shard].withLock { part(&$0) } }
        return sum
    }

    /// Saturates: 584 years count as for ever.
    private static func nanoseconds(_ duration: Duration) -> UInt64 {
        let (seconds, attoseconds) = duration.components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let (whole, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        let (exact, fractionOverflow) = whole.addingReportingOverflow(UInt64(attoseconds / 1_000_000_000))
        return overflow || fractionOverflow ? .max : exact
    }
}
