// SPDX-License-Identifier: Apache-2.0

import API
import Metering

/// `/v1/estimate`: what a call will cost at most, before it is made.
struct EstimateRoute: Sendable {
    let estimates: Estimates

    func register(on routes: OperationRoutes) {
        routes.on(EstimateAPI.estimate) { call in
            EstimateDocument.estimate(
                try await estimates.estimate(EstimateRequest(call.body), of: call.body.customer))
        }
    }
}
