// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import Postgres

/// The flag as a gateway reads it.
package struct AccessAnswer: Sendable, Hashable {
    package let customer: String
    package let decision: Decision
    package let credits: Int64
    /// What open holds keep of them, and those that have ended within the last second.
    package let held: Int64
    /// Grows with every change of the answer.
    package let version: Int64
    package let changedAt: Timestamp
    /// What follows by itself, in order.
    package let upcoming: [Access.Segment]

    package init(
        customer: String,
        decision: Decision,
        credits: Int64,
        held: Int64 = 0,
        version: Int64,
        changedAt: Timestamp,
        upcoming: [Access.Segment]
    ) {
        self.customer = customer
        self.decision = decision
        self.credits = credits
        self.held = held
        self.version = version
        self.changedAt = changedAt
        self.upcoming = upcoming
    }

    /// What can be spent or held; below zero if credits are owed.
    package var available: Int64 { credits - held }

    /// Of the view `api_access` as `v`.
    static let columns: SQL = "v.customer_id, v.reason, v.until, v.credits, v.version, v.changed_at"

    /// - Parameter upcoming: all that was decided; those of the past are in the answer already.
    init(_ row: Rows.Row, held: Int64 = 0, upcoming: [Access.Segment] = []) throws {
        let version: Int64 = try row["version"]
        self.init(
            customer: try row["customer_id"],
            decision: Decision(try row.word("reason"), until: try row["until"]),
            credits: try row["credits"],
            held: held,
            version: version,
            changedAt: try row["changed_at"],
            upcoming: upcoming.filter { $0.version > version }
        )
    }

    /// The answer at a later time, if nothing happens until then.
    package func elapsed(to now: Timestamp) -> AccessAnswer {
        let passed = upcoming.prefix(upcoming.begun(by: now))
        guard let current = passed.last else { return self }
        return AccessAnswer(
            customer: customer,
            decision: current.decision,
            credits: credits,
            held: held,
            version: current.version,
            changedAt: current.from,
            upcoming: Array(upcoming.dropFirst(passed.count))
        )
    }
}
