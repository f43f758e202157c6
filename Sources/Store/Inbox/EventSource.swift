// SPDX-License-Identifier: Apache-2.0

/// How an event came into the inbox.
package enum EventSource: String, Sendable, CaseIterable {
    /// Stripe sent it.
    case webhook
    /// The same, but it waited on this machine's disk until the database took it.
    case spool
    /// Stripe had it when it was asked.
    case backfill
    /// Stripe named it in a thin event.
    case thin
    /// No event: the state of an object as Stripe's API told it.
    case refetch

    /// Those whose events Stripe itself has sent, and signed.
    static let signed: [EventSource] = [.webhook, .spool]
}
