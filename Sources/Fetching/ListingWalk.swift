// SPDX-License-Identifier: Apache-2.0

import Notation
import Store
import StripeAPI
import Timing

/// Takes a walk through Stripe's list one page further.
struct ListingWalk: Sendable {
    /// What a page did.
    enum Step: Sendable {
        /// - Parameters:
        ///   - missing: what was not in the inbox.
        ///   - last: when the last event of the page happened; nil: there is no next page.
        case recorded(missing: [Delivery], last: Timestamp?)
        /// The page is recorded, and nothing on it says where the next one begins: the walk ends here.
        case stuck(missing: [Delivery])
        /// Somebody else was faster, or it was ended.
        case outrun
        /// Stripe no longer knew where it was: it begins anew.
        case restarted
    }

    /// Why a walk is stuck.
    static let stuck = StripeAPIError.unreadable("its list does not go on")
    /// The time that Stripe may take has run out.
    static let late = StripeAPIError.unavailable("it did not answer in time")

    private static let restartLimit = 3
    /// Two million events.
    private static let pageLimit = 20_000

    let lister: EventLister
    let steps: ListingSteps
    private let now: (@Sendable () -> Timestamp)?

    /// - Parameter now: this machine's clock, for a walk that leaves out what may still be on its way to us; nil for one that
    ///   leaves out nothing.
    init(_ client: StripeClient, _ steps: ListingSteps, now: (@Sendable () -> Timestamp)? = nil) {
        lister = EventLister(client: client)
        self.steps = steps
        self.now = now
    }

    /// - Parameters:
    ///   - limit: how long Stripe may take.
    ///   - isWanted: what else is listed is left out.
    /// - Throws: `StripeAPIError`, `PostgresError`, `CancellationError`.
    func step(
        _ listing: EventListing, within limit: Duration, where isWanted: (Delivery) -> Bool = { _ in true }
    ) async throws -> Step {
        guard listing.pages < Self.pageLimit else { throw StripeAPIError.unreadable("its list does not end") }
        let page: ListedPage
        let last: Timestamp?
        do {
            let (whole, answer) = try await TimeLimit.within(limit, orThrow: Self.late) { [lister] in
                try await lister.page(of: listing)
            }
            let settled = try now.map { now throws(StripeAPIError) in try Self.settled(answer, by: now()) }
            let kept = whole.deliveries.filter { delivery in
                guard isWanted(delivery) else { return false }
                guard let settled, let created = delivery.event?.created else { return true }
                return created <= settled
            }
            page = ListedPage(kept, next: whole.next, hasMore: whole.hasMore, settled: settled)
            last = whole.deliveries.last { $0.event != nil }?.event?.created
        } catch let error as StripeAPIError where listing.after != nil && error.isAboutCursor {
            guard listing.restarts < Self.restartLimit else {
                throw StripeAPIError.unreadable("it does not know the events that it lists")
            }
            try await steps.restart(listing)
            return .restarted
        }
        guard let recorded = try await steps.record(page, of: listing) else { return .outrun }
        let ids = Set(recorded.missing)
        let missing = page.deliveries.filter { ids.contains($0.id) }
        if page.hasMore, page.next == nil { return .stuck(missing: missing) }
        return .recorded(missing: missing, last: recorded.isFinished ? nil : last ?? listing.until)
    }

    /// Up to when everything has come that comes by itself. With a clock that is ahead of Stripe's, that would be a time that
    /// Stripe lists nothing of yet: it would count as compared, while every webhook is refused for its time.
    private static func settled(_ answer: StripeAnswer, by now: Timestamp) throws(StripeAPIError) -> Timestamp {
        if let lag = answer.lag(behind: now) {
            throw .unreadable("its time is \(lag) s behind this machine's, whose clock is to be set right")
        }
        return answer.moment(by: now) - ListingSteps.grace
    }
}

extension StripeAPIError {
    /// Whether it says that there is no event of the id that a page begins after.
    fileprivate var isAboutCursor: Bool {
        switch self {
        case .notFound, .refused(_, _, "starting_after", _): true
        default: false
        }
    }
}
