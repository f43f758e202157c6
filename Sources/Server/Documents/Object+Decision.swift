// SPDX-License-Identifier: Apache-2.0

import API
import Billing
import Store

extension Object where Content: DecisionContent {
    /// Sets the properties of the decision.
    mutating func set(_ answer: AccessAnswer) {
        self.allowed = answer.decision.allowed
        self.reason = answer.decision.reason.rawValue
        self.until = answer.decision.until
        self.credits = answer.credits
        self.version = answer.version
    }
}
