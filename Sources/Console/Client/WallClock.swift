// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Notation

/// This machine's clock.
package enum WallClock {
    /// In whole seconds, as Stripe writes times.
    package static var now: Timestamp { Timestamp(seconds: Int64(Date.now.timeIntervalSince1970)) }
}
