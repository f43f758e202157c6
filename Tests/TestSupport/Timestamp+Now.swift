// SPDX-License-Identifier: Apache-2.0

import Foundation
import Notation

extension Timestamp {
    /// This machine's clock.
    package static var now: Timestamp {
        Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
    }
}
