// SPDX-License-Identifier: Apache-2.0

import Notation
import Store
import Synchronization

/// Answers that are as new as somebody has already seen: who has just paid must not be told what was true before.
package final class VersionLookup: Sendable {
    package enum Outcome: Sendable {
        case known(AccessCache.Answer, isStale: Bool)
        /// No such answer came in time, or too many wait for theirs.
        case late
        /// The database is unavailable.
        case unavailable
        case failed
    }

    /// How long an answer is waited for.
    private static let timeout = Duration.seconds(2)
    /// An announcement may have got lost.
    private static let pause = Duration.milliseconds(500)

    private let access: AccessLookup
    private let places = FeedPlaces(1_000)
    private let waiting = Mutex<[String: [ObjectIdentifier: FeedFollower]]>([:])

    /// - Parameter announcements: of changed customers, of this process and others.
    package init(_ access: AccessLookup, announcements: Announcements) {
        self.access = access
        announcements.subscribe { [weak self] in self?.announced($0) }
    }

    private func announced(_ customers: [String]) {
        let woken = waiting.withLock { waiting in
            waiting.isEmpty ? [] : customers.flatMap { waiting[$0].map { Array($0.values) } ?? [] }
        }
        for follower in woken { follower.wake() }
    }

    /// From memory if that is new enough.
    package func remembered(_ customer: String, atLeast version: Int64, at now: Timestamp) -> AccessCache.Answer? {
        access.remembered(customer, at: now).flatMap { $0.version >= version ? $0 : nil }
    }

    /// From the database, as soon as it has one.
    /// - Parameter version: of a customer whom nothing has named, nothing is new enough.
    package func find(
        _ customer: String,
        atLeast version: Int64,
        now: @escaping @Sendable () -> Timestamp
    ) async -> Outcome {
        guard let place = places.take() else { return .late }
        defer { withExtendedLifetime(place) {} }
        let deadline = ContinuousClock.now + Self.timeout
        let follower = FeedFollower()
        waiting.withLock { $0[customer, default: [:]][ObjectIdentifier(follower)] = follower }
        defer { forget(follower, of: customer) }
        return await follower.untilStopped {
            while true {
                switch await ask(customer, now) {
                case .known(let answer, let isStale) where answer.version >= version:
                    return .known(answer, isStale: isStale)
                case .known(_, isStale: true), .unavailable: return .unavailable
                case .failed: return .failed
                case .known, .unknownCustomer: break
                }
                if follower.isEnded || ContinuousClock.now >= deadline { return .late }
                await follower.wait(until: min(deadline, .now + Self.pause))
            }
        }
    }

    private func ask(_ customer: String, _ now: @escaping @Sendable () -> Timestamp) async -> AccessLookup.Outcome {
        await withCheckedContinuation { continuation in
            access.findAnew(customer, now: now) { continuation.resume(returning: $0) }
        }
    }

    private func forget(_ follower: FeedFollower, of customer: String) {
        waiting.withLock { waiting in
            waiting[customer]?[ObjectIdentifier(follower)] = nil
            if waiting[customer]?.isEmpty == true { waiting[customer] = nil }
        }
    }
}
