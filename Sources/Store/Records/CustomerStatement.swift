// SPDX-License-Identifier: Apache-2.0

import Billing

/// Everything that decides about one customer, and how it came about.
package struct CustomerStatement: Sendable {
    package let answer: AccessAnswer
    package let override: Override?
    package let isDeleted: Bool
    package let subscriptions: [Subscription]
    /// Debts, and the latest others.
    package let invoices: [Invoice]
    /// Those that buy credits, or that have a dispute; at most 100.
    package let purchases: [PurchaseRecord]
    /// In order; the newest, as many as were asked for.
    package let ledger: [LedgerEntry]
    package let hasMoreLedger: Bool
    /// In order; the newest, as many as were asked for.
    package let timeline: [TimelineEntry]
    package let hasMoreTimeline: Bool
}
