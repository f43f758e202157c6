// SPDX-License-Identifier: Apache-2.0

import Notation
import Store
import StripeAPI

/// Does the backfill that is running, page by page.
package struct BackfillRun: Sendable {
    package enum Turn: Sendable, Hashable {
        /// None is running, or another process does it.
        case idle
        case worked(Reached)
        /// Stripe does not answer.
        case waits(Duration, error: String)
        /// It was given up.
        case failed(backfill: String, error: String)
    }

    /// How far the walk through an account is.
    package struct Reached: Sendable, Hashable {
        package let account: String?
        /// From 0 to 1, if Stripe lists the newest first.
        package let share: Double
    }

    /// Stripe does not know an event that it listed itself, again and again.
    private static let restartLimit = 3

    private let walk: ListingWalk
    private let holder: String
    private var waiting = GiveUpRule()
    private var restarts: [Int: Int] = [:]

    /// - Parameter holder: this process: drawn at random.
    package init(_ client: StripeClient, _ steps: ListingSteps, holder: String) {
        walk = ListingWalk(client, steps)
        self.holder = holder
    }

    /// - Throws: `PostgresError`, `CancellationError`.
    package mutating func advance() async throws -> Turn {
        guard let listing = try await walk.steps.nextOfBackfill(for: holder),
            case .backfill(let id, _) = listing.purpose
        else { return .idle }
        do {
            let step = try await walk.step(listing, within: waiting.rest(at: .now))
            waiting.worked()
            if case .restarted = step {
                restarts[listing.id, default: 0] += 1
                if restarts[listing.id, default: 0] > Self.restartLimit {
                    try await walk.steps.fail(listing, "\(StripeAPIError.unreadable("its list does not go on"))")
                }
            }
            return .worked(Reached(step, of: listing))
        } catch let error as StripeAPIError where error.isTransient {
            guard let pause = waiting.failed(at: .now) else {
                waiting.worked()
                try await walk.steps.failBackfill(id, "\(error)")
                return .failed(backfill: id, error: "\(error)")
            }
            return .waits(pause, error: "\(error)")
        } catch let error as StripeAPIError {
            try await walk.steps.fail(listing, "\(error)")
            return .worked(Reached(account: listing.account, share: 1))
        }
    }

    /// Ends the backfill for now: the next one goes on from there.
    package func stop(_ backfill: String, because reason: String) async throws {
        try await walk.steps.failBackfill(backfill, reason)
    }
}

extension BackfillRun.Reached {
    fileprivate init(_ step: ListingWalk.Step, of listing: EventListing) {
        account = listing.account
        switch step {
        case .recorded(_, last: nil): share = 1
        case .recorded(_, let last?):
            let span = listing.until.seconds - listing.since.seconds
            share = span > 0 ? min(1, max(0, Double(listing.until.seconds - last.seconds) / Double(span))) : 0
        case .outrun, .restarted: share = 0
        }
    }
}
