// SPDX-License-Identifier: Apache-2.0

import API
import Billing
import HTTP
import Store
import Synchronization

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
        if spendings.isEmpty { return [] }
        let deadline = ContinuousClock.now + Self.deadline
        return await withCheckedContinuation { continuation in
            let gathering = Gathering(count: spendings.count)
            for (place, spending) in spendings.enumerated() {
                store.spend(spending, policy: policy, by: deadline) { result in
                    guard let all = gathering.add(self.outcome(of: result), at: place) else { return }
                    continuation.resume(returning: all)
                }
            }
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

    /// Answers that come in any order, from any thread.
    private final class Gathering: Sendable {
        private let count: Int
        private let outcomes = Mutex<[Int: Outcome]>([:])

        init(count: Int) {
            self.count = count
        }

        /// - Returns: all of them, in order, if this was the last.
        func add(_ outcome: Outcome, at place: Int) -> [Outcome]? {
            outcomes.withLock { outcomes in
                outcomes[place] = outcome
                return outcomes.count == count ? (0..<count).compactMap { outcomes[$0] } : nil
            }
        }
    }
}
