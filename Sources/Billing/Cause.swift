// SPDX-License-Identifier: Apache-2.0

/// What changed an answer or a balance.
package enum Cause: Sendable, Hashable {
    /// A Stripe event, by its id.
    case event(String)
    /// An operator, by the token's label, and why.
    case `operator`(String, note: String)
    /// Time alone: a deadline passed.
    case time
    /// The service was started with a different grace period, or a different rule for disputes or debts.
    case configuration

    var isOperator: Bool {
        if case .operator = self { true } else { false }
    }
}
