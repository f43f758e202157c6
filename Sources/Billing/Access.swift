// SPDX-License-Identifier: Apache-2.0

import Notation

/// One customer's stored answer: the decision that holds now and those that will follow with time alone, so that a
/// reader is right to the second without deciding anything itself.
package struct Access: Sendable, Hashable {
    /// A decision and the moment from which it holds.
    package struct Segment: TimeSegment, Sendable, Hashable {
        package let from: Timestamp
        package let decision: Decision
        package let version: Int64

        package init(from: Timestamp, decision: Decision, version: Int64) {
            self.from = from
            self.decision = decision
            self.version = version
        }
    }

    package private(set) var current: Segment
    /// In order; each begins where the previous one ends.
    package private(set) var upcoming: [Segment]

    package init(current: Segment, upcoming: [Segment] = []) {
        self.current = current
        self.upcoming = upcoming
    }

    /// What holds at `now`.
    package func decision(at now: Timestamp) -> Decision {
        upcoming.prefix(upcoming.begun(by: now)).last?.decision ?? current.decision
    }

    /// Moves to what holds at `now`, and returns the changes passed on the way.
    mutating func elapse(to now: Timestamp) -> [AccessChange] {
        let passed = upcoming.prefix(upcoming.begun(by: now))
        guard let last = passed.last else { return [] }
        upcoming.removeFirst(passed.count)
        current = last
        return passed.map { AccessChange(at: $0.from, decision: $0.decision, version: $0.version, cause: .time) }
    }

    /// Adopts freshly made decisions. `version` grows with every change of the answer, including credits; the timeline
    /// gets a line when `allowed`, `reason` or `until` changes, and for every action of an operator.
    mutating func update(
        _ decisions: [(from: Timestamp, decision: Decision)],
        creditsChanged: Bool,
        at now: Timestamp,
        cause: Cause
    ) -> AccessChange? {
        guard let first = decisions.first else { return nil }
        let changed = first.decision != current.decision
        // An operator's action is in the timeline with its reason, even if the answer stays the same.
        let isLine = changed || cause.isOperator
        let version = current.version + (isLine || creditsChanged ? 1 : 0)
        current = Segment(from: changed ? now : current.from, decision: first.decision, version: version)
        upcoming = decisions.dropFirst().enumerated().map { index, next in
            Segment(from: next.from, decision: next.decision, version: version + 1 + Int64(index))
        }
        return isLine ? AccessChange(at: now, decision: first.decision, version: version, cause: cause) : nil
    }
}
