// SPDX-License-Identifier: Apache-2.0

import Billing
import Store
import Synchronization
import Timing

/// How many customers there are for each reason. Counting them reads an index from end to end, so it is done at most
/// once a minute, and for at most a hundredth of the time.
final class CustomerCensus: Sendable {
    private static let interval: Duration = .seconds(60)
    private static let restPerWork = 100
    /// How long a scrape waits for a count that has begun.
    private static let timeout: Duration = .milliseconds(500)

    private struct State {
        var counts: [Reason: Int]?
        var due = ContinuousClock.now
        var isCounting = false
    }

    private let customers: CustomerStore
    private let state = Mutex(State())

    init(_ customers: CustomerStore) {
        self.customers = customers
    }

    /// - Returns: the last count; nil while there is none.
    func counts() async -> [Reason: Int]? {
        let isDue = state.withLock { state in
            guard !state.isCounting, state.due <= .now else { return false }
            state.isCounting = true
            return true
        }
        if isDue { _ = await Deadline.within(Self.timeout, count) }
        return state.withLock { $0.counts }
    }

    private func count() async {
        let began = ContinuousClock.now
        // If this fails, a later scrape counts again; that the database is unavailable is shown by another metric.
        let counts = try? await customers.countByReason()
        let rest = max(Self.interval, began.duration(to: .now) * Self.restPerWork)
        state.withLock { state in
            if let counts { state.counts = counts }
            state.due = .now + rest
            state.isCounting = false
        }
    }
}
