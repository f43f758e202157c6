// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import Postgres

/// Holds, settlements and debits: many with one commit, each under its account's lock.
package struct SpendingStore: Sendable {
    /// Answers once it is durable; from any thread.
    /// - Parameter deadline: when to give up; the outcome is then unknown, and the same request again resolves it.
    package func spend(
        _ spending: Spending,
        by deadline: ContinuousClock.Instant,
        _ answer: @escaping @Sendable (Result<SpendingResult, ReadFailure>) -> Void
    ) {
        answer(.success(.refused(.unknownCustomer)))
    }
}
