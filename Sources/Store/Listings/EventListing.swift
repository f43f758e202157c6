// SPDX-License-Identifier: Apache-2.0

import Notation
import Postgres

/// How far a walk through Stripe's list of one account's events is.
package struct EventListing: Sendable, Hashable {
    package enum Purpose: Sendable, Hashable {
        /// - Parameter isDryRun: nothing is stored.
        case backfill(String, isDryRun: Bool)
        case reconciliation
    }

    package let id: Int
    package let purpose: Purpose
    /// `acct_…`; nil for the account of the key itself.
    package let account: String?
    /// Both inclusive, by Stripe's `created`.
    package let since: Timestamp
    package let until: Timestamp
    /// The last event of the last page that is durable; nil before the first.
    package var after: String?
    /// How many pages it has been so far.
    package let pages: Int
    /// How often Stripe no longer knew where it was.
    package let restarts: Int

    /// From the table `event_listing`, with the backfill's `is_dry_run`.
    init(_ row: Rows.Row) throws {
        id = try row["id"]
        let backfill: String? = try row["backfill_id"]
        let isDryRun: Bool? = try row["is_dry_run"]
        purpose = backfill.map { .backfill($0, isDryRun: isDryRun ?? false) } ?? .reconciliation
        let account: String = try row["account"]
        self.account = account.isEmpty ? nil : account
        since = try row["since"]
        until = try row["until"]
        after = try row["after_event"]
        pages = try row["pages"]
        restarts = try row["restarts"]
    }
}
