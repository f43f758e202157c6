// SPDX-License-Identifier: Apache-2.0

import HTTP
import Store

extension HotAnswer {
    /// What is answered where a request could not be done.
    init(to error: any Error, _ outages: Outages) {
        if let problem = error as? ProblemDetails {
            self.init(problem)
            return
        }
        outages.failed(.requests, error)
        guard DatabaseOutage.explains(error) else {
            self.init(.internalError)
            return
        }
        self.init(.serviceUnavailable(detail: DatabaseOutage.detail(of: error), retryAfter: 1))
    }
}
