// SPDX-License-Identifier: Apache-2.0

import Billing

/// All that decides about one customer, and how it came to that.
package struct CustomerStatement: Sendable {
    package let answer: AccessAnswer
    package let override: Override?
    package let isDeleted: Bool
    package let subscriptions: [Subscription]
    /// Debts, and the latest others.
    package let invoices: [Invoice]
    /// Those that buy credits, or of which something is disputed; 100 at most.
    package let purchases: [PurchaseRecord]
    /// In order; the newest, as many as were asked for.
    package let ledger: [LedgerEntry]
    package let hasMoreLedger: Bool
    /// In order; the newest, as many as were asked for.
    package let timeline: [TimelineEntry]
    package let hasMoreTimeline: Bool
}
