// SPDX-License-Identifier: Apache-2.0

import Notation

/// From what time on to look for pending events. The index of pending events keeps an entry for each ended event until
/// vacuum may remove it; while somebody holds a snapshot for an hour (a dump, a forgotten session), each claim would
/// walk an hour of them. So if claims are slow, the oldest pending event is looked up now and then: claims begin there.
///
/// No event is missed for longer than `lifetime`. The search sees all that was committed before it. What becomes
/// pending later, but before the floor, was committed late under an older time: its transaction was open for longer
/// than `overlap`, or a clock was set back. No floor lasts longer than `lifetime`; the next search sees that too.
struct ClaimFloor {
    typealias Instant = ContinuousClock.Instant

    enum Step: Equatable {
        /// Look at everything that is pending.
        case claimAll
        /// Look at what has become pending since then.
        case claim(from: Timestamp)
        /// Look for the oldest first.
        case search
    }

    static let overlap: Duration = .seconds(2)

    let lifetime: Duration
    /// A claim that took longer may have walked dead entries.
    private let slow: Duration
    private var floor: (from: Timestamp, until: Instant)?
    private var isSlow = false
    /// Set after a search that found nothing to gain.
    private var quietUntil: Instant?

    init(lifetime: Duration = .seconds(5), slow: Duration = .milliseconds(5)) {
        self.lifetime = lifetime
        self.slow = slow
    }

    mutating func step(at now: Instant) -> Step {
        if let floor, now < floor.until { return .claim(from: floor.from) }
        floor = nil
        return isSlow ? .search : .claimAll
    }

    /// To be called after a claim of everything.
    mutating func claimed(after took: Duration, at now: Instant) {
        isSlow = took > slow && now >= quietUntil ?? now
    }

    /// - Parameters:
    ///   - oldest: since when the oldest pending event has been due; nil if none is pending.
    ///   - databaseTime: when the search began, by the clock that stamps events.
    ///   - began: the same by this machine's clock.
    mutating func found(_ oldest: Timestamp?, databaseTime: Timestamp, began: Instant, at now: Instant) {
        if began.duration(to: now) <= slow {
            // It was slow for another reason.
            isSlow = false
            quietUntil = now + lifetime
        } else {
            let latest = databaseTime - Self.overlap
            floor = (min(oldest ?? latest, latest), began + lifetime)
        }
    }
}
