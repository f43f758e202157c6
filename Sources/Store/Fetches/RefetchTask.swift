// SPDX-License-Identifier: Apache-2.0

import Notation

/// A customer or another object whose state is to be asked of Stripe.
package struct RefetchTask: Sendable {
    /// `cus_…`, or another object's id.
    package let subject: String
    /// The connected account it belongs to; nil for the key's own.
    package let account: String?
    /// The event because of which it is asked for.
    package let cause: String?
    /// Whether nobody requested it and no event caused it: it was time.
    package let isByItself: Bool
    /// The newest event about it that is here; empty if there is none.
    package let base: String
    /// What the books hold about a customer that may be older than what is asked for anyway.
    package let named: [String]
    /// Invoices of which events have said when they failed.
    package let failed: Set<String>
    /// How often Stripe has refused to answer it.
    package let refusals: Int
    /// Whether it was asked in vain the last time.
    package let hasFailed: Bool
    let requestedAt: Timestamp
    /// When the newest event happened.
    let baseCreated: Timestamp?
    let turn: Int
    let last: Last?

    /// What came of it the last time.
    struct Last: Sendable {
        let base: String
        let state: String
        let asked: Timestamp
    }

    /// What tells a state that came back from the same state.
    package struct Telling: Sendable {
        package let marker: String
        let turn: Int
    }

    /// - Parameter state: what was found.
    /// - Returns: nil if this state is the last that was told, after the newest event.
    package func telling(_ state: String) -> Telling? {
        guard let last, last.base == base else { return Telling(marker: "\(base)#0", turn: 0) }
        // What was asked before that event happened, or in the same second, counts less than the event.
        let isTold = last.state == state && baseCreated.map { $0 < last.asked } ?? true
        return isTold ? nil : Telling(marker: "\(base)#\(turn + 1)", turn: turn + 1)
    }
}
