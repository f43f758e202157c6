// SPDX-License-Identifier: Apache-2.0

import Metering

/// What became of a reported call.
package enum UsageOutcome: Sendable, Hashable {
    /// It was charged.
    case recorded(Metering.Receipt)
    /// The same was charged before: the receipt of then.
    case duplicate(Metering.Receipt)
    /// It cannot be charged yet.
    case quarantined(reason: String, error: String)
    /// The same id was charged for something else.
    case conflict
    /// An operator has decided that it is never charged.
    case discarded
}
