// SPDX-License-Identifier: Apache-2.0

import HTTP
import Store

/// Has the database charge reported calls, and says what a gateway is answered if it does not.
struct UsageRequests: Sendable {
    /// What became of one; nil if the database refuses the report itself, which the log tells.
    typealias Outcome = UsageOutcome?

    /// How long the database may take for all of a request's.
    private static let deadline: Duration = .seconds(5)

    let usage: UsageStore
    let policies: UsageStore.Policies
    let outages: Outages

    /// - Returns: what became of each, in order; those of one customer were charged in order too.
    /// - Throws: `ProblemDetails` if it is unknown what became of one: the same request again resolves it.
    func outcomes(of reports: [ReportedUsage]) async throws(ProblemDetails) -> [Outcome] {
        let deadline = ContinuousClock.now + Self.deadline
        let results = await InOrder.gather(reports) { report, answer in
            usage.record(report, policies: policies, by: deadline, answer)
        }
        var outcomes: [Outcome] = []
        for result in results {
            switch result {
            case .success(let outcome): outcomes.append(outcome)
            case .failure(.outage(let trouble, let error)):
                outages.failed(.requests, trouble, error)
                throw .unknownOutcome
            case .failure(.unexpected(let trouble, let error)):
                outages.failed(.requests, trouble, error)
                outcomes.append(nil)
            }
        }
        return outcomes
    }
}
