// SPDX-License-Identifier: Apache-2.0

import API
import Billing
import HTTP
import Store

/// Asks the database to spend, and says what a gateway is answered if it does not.
struct SpendingRequests: Sendable {
    typealias Outcome = Result<SpendingResult, ProblemDetails>

    /// How long the database may take.
    private static let deadline: Duration = .seconds(2)

    let store: SpendingStore
    let policy: Policy
    let outages: Outages

    /// - Parameter answer: called once, from any thread; with the problem, if nothing was done or nobody knows.
    func spend(_ spending: Spending, _ answer: @escaping @Sendable (Outcome) -> Void) {
        store.spend(spending, policy: policy, by: .now + Self.deadline) { answer(self.outcome(of: $0)) }
    }

    /// - Returns: what became of each, in order; those of one customer were done in order too.
    func results(of spendings: [Spending]) async -> [Outcome] {
        let deadline = ContinuousClock.now + Self.deadline
        return await InOrder.gather(spendings) { spending, answer in
            store.spend(spending, policy: policy, by: deadline) { answer(outcome(of: $0)) }
        }
    }

    private func outcome(of result: Result<SpendingResult, ReadFailure>) -> Outcome {
        switch result {
        case .success(.refused(let refusal)): return .failure(ProblemDetails(refusal))
        case .success(let result): return .success(result)
        case .failure(.outage(let trouble, let error)):
            outages.failed(.requests, trouble, error)
            return .failure(.unknownOutcome)
        case .failure(.unexpected(let trouble, let error)):
            outages.failed(.requests, trouble, error)
            return .failure(.internalError)
        }
    }
}
