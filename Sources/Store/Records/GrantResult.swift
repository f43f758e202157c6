// SPDX-License-Identifier: Apache-2.0

import Billing

/// The result of a request to grant credits.
package enum GrantResult: Sendable, Hashable {
    /// In the ledger, from this request or from an identical earlier one.
    case granted(CreditGrant)
    /// The key was used for another grant.
    case keyReused
    /// It would lapse at a time that has passed.
    case ended
    case overflow(BalanceOverflow)
}
