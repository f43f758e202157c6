// SPDX-License-Identifier: Apache-2.0

import Notation

/// From when on pending events are looked for. The index of what is pending keeps an entry for each event that has ended until
/// vacuum may remove it; where somebody holds a snapshot for an hour (a dump, a forgotten session), every claim would walk
/// an hour of them. So where claims are slow, the oldest pending event is looked for now and then, and claims begin there.
///
/// No event is missed for longer than `lifetime`. The search sees all that was committed before it. What is pending later
/// and lies before the floor was committed after it under an older time: its transaction was open for longer than
/// `overlap`, or a clock was set back. No floor is used for longer than `lifetime`, and then the search sees that too.
struct ClaimFloor {
    typealias Instant = ContinuousClock.Instant

    enum Step: Equatable {
        /// Look at all that is pending.
        case claimAll
        /// Look at what has been pending since.
        case claim(from: Timestamp)
        /// Look for the oldest first.
        case search
    }

    static let overlap: Duration = .seconds(2)

    let lifetime: Duration
    /// A claim that took longer may have walked what is over.
    private let slow: Duration
    private var floor: (from: Timestamp, until: Instant)?
    private var isSlow = false
    /// After a search that found nothing to gain.
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

    /// After a claim of all.
    mutating func claimed(after took: Duration, at now: Instant) {
        isSlow = took > slow && now >= quietUntil ?? now
    }

    /// - Parameters:
    ///   - oldest: since when the oldest pending event has been due; nil where none is pending.
    ///   - databaseTime: when the search began, by the clock that events are stamped with.
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
