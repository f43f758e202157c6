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

    private let walk: ListingWalk
    private let holder: String
    private var waiting = GiveUpRule()
    /// What Stripe said last, if its time then ran out, or it was not asked again.
    private var trouble: String?

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
            trouble = nil
            if case .stuck = step { throw ListingWalk.stuck }
            return .worked(Reached(step, of: listing))
        } catch let error as StripeAPIError where error.isTransient {
            let error = [ListingWalk.late, .notAsked].contains(error) ? trouble ?? "\(error)" : "\(error)"
            trouble = error
            guard let pause = waiting.failed(at: .now) else {
                waiting.worked()
                trouble = nil
                try await walk.steps.failBackfill(id, error)
                return .failed(backfill: id, error: error)
            }
            return .waits(pause, error: error)
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
        case .outrun, .restarted, .stuck: share = 0
        }
    }
}
