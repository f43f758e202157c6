// SPDX-License-Identifier: Apache-2.0

/// What moved an answer or a balance.
package enum Cause: Sendable, Hashable {
    /// A Stripe event, by its id.
    case event(String)
    /// An operator, by the label of the token, and why.
    case `operator`(String, note: String)
    /// Time alone: a deadline passed.
    case time
    /// The service was started with another grace period or another view of disputes.
    case configuration

    var isOperator: Bool {
        if case .operator = self { true } else { false }
    }
}
