import Logging
import Store

/// Counts and logs how events ended, whoever ended them.
struct VerdictReport: Sendable {
    let counters: OutcomeCounters
    let strangers: StrangerLog?
    let logger: Logger

    func report(_ verdicts: [Decider.Verdict]) {
        counters.count(verdicts)
        strangers?.ended(verdicts)
        for verdict in verdicts { log(verdict) }
    }

    private func log(_ verdict: Decider.Verdict) {
        switch verdict.outcome {
        case .failed(let error), .quarantined(let error):
            logger.warning(
                "event failed",
                metadata: ["event": "\(verdict.id)", "type": "\(verdict.type)", "error": "\(error)"]
            )
        case .processed, .ignored:
            logger.debug(
                "event handled",
                metadata: [
                    "event": "\(verdict.id)", "type": "\(verdict.type)", "outcome": "\(verdict.outcome.status)",
                ]
            )
        }
    }
}
