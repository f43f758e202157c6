// SPDX-License-Identifier: Apache-2.0

import API
import Metering

enum EstimateDocument {
    static func estimate(_ estimate: Estimate) -> Object<EstimateAPI.Answer> {
        Object {
            $0.cost = estimate.cost.description
            $0.charge = estimate.charge.description
            $0.credits = estimate.credits
            $0.warning = estimate.warning.map { $0 == .expensive ? .expensive : .longContext }
            $0.enough = estimate.isEnough
        }
    }
}
