// SPDX-License-Identifier: Apache-2.0

import Billing

/// What became of a request to grant credits.
package enum GrantResult: Sendable, Hashable {
    /// In the ledger, from this request or from the same one before.
    case granted(CreditGrant)
    /// The key stands for another grant.
    case keyReused
    case overflow(BalanceOverflow)
}
