// SPDX-License-Identifier: Apache-2.0

import Metering
import Settings

extension ChargePolicy {
    init(_ configuration: Configuration) {
        self.init(
            plan: configuration.plan, creditValue: configuration.creditValue,
            thresholds: Estimate.Thresholds(tokens: Int64(configuration.warnTokens), cost: configuration.warnCost),
            failedCalls: configuration.billFailed)
    }
}
