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
        case .failed, .unanswered, .quarantined:
            var metadata: Logger.Metadata = ["event": "\(result.event)", "type": "\(result.type)"]
            if let error = result.loggable { metadata["error"] = "\(error)" }
            logger.warning("event failed", metadata: metadata)
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
