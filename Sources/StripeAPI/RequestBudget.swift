// SPDX-License-Identifier: Apache-2.0

/// Spaces requests evenly, so that what asks Stripe never takes the account's own payments their share; and keeps still
/// while Stripe has asked for a pause. Source: https://docs.stripe.com/rate-limits
package struct RequestBudget: Sendable {
    package typealias Instant = ContinuousClock.Instant

    /// Of a command: several of them beside the servers stay below what Stripe allows.
    package static let standardRate = 3
    /// Of what servers do by themselves. One process at a time does each, so that all servers together stay below ten: half
    /// of what a sandbox allows one endpoint.
    package static let (backfillRate, fetchRate, reconciliationRate) = (5, 3, 2)
    /// What Stripe allows one endpoint.
    package static let highestRate = 25

    private let interval: Duration
    private var next: Instant?

    /// - Parameter rate: requests a second, at most 25.
    package init(rate: Int = Self.standardRate) {
        precondition((1...Self.highestRate).contains(rate), "Stripe would refuse more than 25 requests a second")
        interval = .seconds(1) / rate
    }

    /// Takes the next place in the line.
    /// - Returns: when the request may be sent.
    package mutating func reserve(at now: Instant) -> Instant {
        let place = max(next ?? now, now)
        next = place + interval
        return place
    }

    /// Nothing that has no place yet is sent before `instant`.
    package mutating func pause(until instant: Instant) {
        next = max(next ?? instant, instant)
    }
}
