// SPDX-License-Identifier: Apache-2.0

import Billing

/// Everything that decides about one customer, and how it came about.
package struct CustomerStatement: Sendable {
    package let answer: AccessAnswer
    package let override: Override?
    package let isDeleted: Bool
    package let subscriptions: [Subscription]
    /// Debts first, then the others that failed, the latest first.
    package let invoices: [Invoice]
    package let hasMoreInvoices: Bool
    /// Those that buy credits, or that have a dispute; first those whose credits moved last.
    package let purchases: [PurchaseRecord]
    package let hasMorePurchases: Bool
    /// In order; the newest, as many as were asked for.
    package let ledger: [LedgerEntry]
    package let hasMoreLedger: Bool
    /// In order; the newest, as many as were asked for.
    package let timeline: [TimelineEntry]
    package let hasMoreTimeline: Bool
}
