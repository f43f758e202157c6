// SPDX-License-Identifier: Apache-2.0

/// What changed an answer or a balance.
package enum Cause: Sendable, Hashable {
    /// A Stripe event, by its id.
    case event(String)
    /// An operator, by the token's label, and why.
    case `operator`(String, note: String)
    /// What a gateway held, by the id of its hold.
    case hold(String)
    /// What a gateway debited without a hold, by the id of its debit.
    case debit(String)
    /// What a call has used, by the id of its record.
    case usage(String)
    /// Time alone: a deadline passed.
    case time
    /// The service was started with a different grace period, or a different rule for disputes or debts.
    case configuration

    var isOperator: Bool {
        if case .operator = self { true } else { false }
    }
}
