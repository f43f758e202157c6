// SPDX-License-Identifier: Apache-2.0

/// Whether Stripe is worth asking: after several requests in a row that it did not serve, nothing is sent for a while, and
/// then one request at a time finds out.
package struct StripeCircuit: Sendable {
    package typealias Instant = ContinuousClock.Instant

    private static let limit = 5
    private static let firstPause: Duration = .seconds(5)
    private static let longestPause: Duration = .seconds(60)

    private enum State: Sendable {
        case closed(failures: Int)
        case open(until: Instant, pause: Duration)
        /// One request is on its way to find out.
        case probing(since: Instant, pause: Duration)
    }

    private var state = State.closed(failures: 0)
    /// A probe of which nothing was heard for that long has been forgotten.
    private static let probeTime: Duration = .seconds(120)

    package init() {}

    /// - Returns: whether a request may be sent now.
    package mutating func admit(at now: Instant) -> Bool {
        switch state {
        case .closed: return true
        case .open(let end, let pause):
            guard end <= now else { return false }
            state = .probing(since: now, pause: pause)
            return true
        case .probing(let start, let pause):
            guard start + Self.probeTime <= now else { return false }
            state = .probing(since: now, pause: pause)
            return true
        }
    }

    package mutating func served() {
        state = .closed(failures: 0)
    }

    /// - Parameter random: the jitter, 0.5 to 1.
    package mutating func failed(at now: Instant, random: Double) {
        switch state {
        case .closed(let failures) where failures + 1 < Self.limit: state = .closed(failures: failures + 1)
        case .closed: state = .open(until: now + Self.firstPause * random, pause: Self.firstPause)
        case .probing(_, let pause):
            let longer = min(pause * 2, Self.longestPause)
            state = .open(until: now + longer * random, pause: longer)
        // One that was sent before.
        case .open: break
        }
    }
}
