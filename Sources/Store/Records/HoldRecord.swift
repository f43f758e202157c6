// SPDX-License-Identifier: Apache-2.0

import Billing

/// A hold as it is at this moment, with its customer's balance.
package struct HoldRecord: Sendable {
    package let customer: String
    package let hold: Hold
    package let credits: Int64
    package let available: Int64
}
