// SPDX-License-Identifier: Apache-2.0

import Billing
import Settings

extension Policy {
    init(_ configuration: Configuration) {
        self.init(
            livemode: configuration.mode == .live,
            connectedAccounts: configuration.connectedAccounts,
            gracePeriod: configuration.gracePeriod,
            creditsKey: configuration.creditsKey,
            blocksOnDispute: configuration.blockOnDispute,
            debts: configuration.debts,
            creditsExpiry: configuration.creditsExpiry
        )
    }
}
