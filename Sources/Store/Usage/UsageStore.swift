// SPDX-License-Identifier: Apache-2.0

import Billing
import Metering
import Postgres

/// The token log: what calls have used, priced and charged in the transaction that keeps it.
package struct UsageStore: Sendable {
    /// What decides what is charged; the same for all requests of a process.
    package struct Policies: Sendable {
        let access: Policy
        let charges: ChargePolicy

        package init(access: Policy, charges: ChargePolicy) {
            self.access = access
            self.charges = charges
        }
    }

    private struct Request: Sendable {
        let report: ReportedUsage
        let policies: Policies
    }

    private let queue: AccountQueue<Request, UsageOutcome>

    init(_ database: Database, tariffs: TariffReader, changes: Announcements) {
        // A gateway sends up to a thousand at once.
        let limits = AccountQueue<Request, UsageOutcome>.Limits(batch: 1000, queue: 50_000)
        queue = AccountQueue(database, limits, line: \.report.line) { requests, connection, timeout in
            guard let policies = requests.first?.policies else { return [] }
            return try UsageRows.record(
                requests.map(\.report), policies, tariffs, changes, connection, waitingFor: timeout)
        }
    }

    /// What has been sent to the database so far.
    package var written: BatchCounts { queue.written }

    /// Answers once it is durable; from any thread. Records of one customer are charged in the order in which they came.
    /// - Parameter deadline: when to give up; the outcome is then unknown, and the same report again resolves it.
    package func record(
        _ report: ReportedUsage, policies: Policies, by deadline: ContinuousClock.Instant,
        _ answer: @escaping @Sendable (Result<UsageOutcome, ReadFailure>) -> Void
    ) {
        queue.add(Request(report: report, policies: policies), by: deadline, answer)
    }
}
