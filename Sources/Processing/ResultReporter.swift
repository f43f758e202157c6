// SPDX-License-Identifier: Apache-2.0

import Logging
import Store

/// Counts and logs how events ended, whoever ended them.
struct ResultReporter: Sendable {
    let counters: OutcomeCounters
    let strangers: StrangerLog?
    let logger: Logger

    func report(_ results: [EventResult]) {
        counters.count(results)
        strangers?.ended(results)
        for result in results { log(result) }
    }

    private func log(_ result: EventResult) {
        switch result.transition {
        case .failed(let error), .quarantined(let error):
            logger.warning(
                "event failed",
                metadata: ["event": "\(result.event)", "type": "\(result.type)", "error": "\(error)"]
            )
        case .processed, .ignored, .suspected, .crashed, .requeued, .dismissed:
            logger.debug(
                "event handled",
                metadata: [
                    "event": "\(result.event)", "type": "\(result.type)", "outcome": "\(result.transition.target)",
                ]
            )
        }
    }
}
