// SPDX-License-Identifier: Apache-2.0

import Notation
import Postgres

/// How many events came within a time, and their outcomes.
package struct EventStatistics: Sendable {
    /// Events of one type with one outcome.
    package struct Group: Sendable {
        package let type: String?
        package let status: EventState
        package let detail: String?
        package let count: Int
        package let lastReceivedAt: Timestamp

        init(_ row: Rows.Row) throws {
            type = try row["type"]
            status = try row.word("status")
            detail = try row["detail"]
            count = try row["count"]
            lastReceivedAt = try row["last_received_at"]
        }
    }

    /// Events that were signed with one secret.
    package struct Signed: Sendable {
        package let secret: String?
        package let count: Int
        package let lastReceivedAt: Timestamp

        init(_ row: Rows.Row) throws {
            secret = try row["secret"]
            count = try row["count"]
            lastReceivedAt = try row["last_received_at"]
        }
    }

    /// Exclusive.
    package let receivedAfter: Timestamp
    package let receivedBefore: Timestamp
    package let count: Int
    /// Whether there are more than were counted: `receivedAfter` is then just before the oldest that was counted.
    package let isTruncated: Bool
    /// Largest first.
    package let groups: [Group]
    package let secrets: [Signed]
}
