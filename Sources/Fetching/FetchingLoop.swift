// SPDX-License-Identifier: Apache-2.0

import Store
import Timing

/// How whatever asks Stripe goes on: turn after turn, and slower while the database is in trouble.
enum FetchingLoop {
    /// Until the task is cancelled.
    /// - Parameter turn: does what is next, and says how long to wait before the next turn; nil for no time.
    static func run(reportingTo outages: Outages, _ turn: () async throws -> Duration?) async {
        var backoff = Backoff()
        while !Task.isCancelled {
            do {
                let pause = try await turn()
                outages.worked(.fetching)
                backoff.reset()
                if let pause { try await Task.sleep(for: pause) }
            } catch is CancellationError {
                break
            } catch {
                outages.failed(.fetching, error)
                await backoff.next()
            }
        }
    }
}
