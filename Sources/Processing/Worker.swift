import Billing
import Logging
import Metrics
import ServiceLifecycle
import Store

/// Takes pending events from the inbox, decides and applies them, until shutdown. Separate from what answers
/// Stripe: it may fall behind, the acknowledgements may not.
public struct Worker: Service {
    private static let batchLimit = 64
    /// The longest that work from another process waits to be seen.
    private static let pollInterval: Duration = .milliseconds(250)

    private let store: Store
    private let decider: Decider
    private let metrics: any MetricsFactory
    private let logger: Logger

    public init(_ store: Store, policy: Policy, metrics: any MetricsFactory, logger: Logger) {
        self.store = store
        decider = Decider(policy: policy)
        self.metrics = metrics
        self.logger = logger
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            var pause = Pause()
            while !Task.isCancelled {
                do {
                    let handled = try await handleBatch(atMost: Self.batchLimit)
                    pause.reset()
                    if handled < Self.batchLimit { await store.arrivals.wait(atMost: Self.pollInterval) }
                } catch is CancellationError {
                    break
                } catch let failure as BatchFailure where !failure.isConnectionLoss {
                    await handleOneByOne(failure)
                } catch {
                    // Nothing was committed and nothing counts as an attempt: the events are pending as before.
                    logger.error("processing is waiting for the database", metadata: ["error": "\(error)"])
                    await pause.next()
                }
            }
        }
    }

    /// - Returns: how many events ended.
    private func handleBatch(atMost limit: Int) async throws -> Int {
        let verdicts = try await store.claim(atMost: limit) { [decider] batch in try decider.handle(&batch) }
        for verdict in verdicts { report(verdict) }
        return verdicts.count
    }

    /// A batch that PostgreSQL refused is tried again one by one, so that one event stops no other.
    private func handleOneByOne(_ failure: BatchFailure) async {
        for _ in failure.events {
            do {
                if try await handleBatch(atMost: 1) == 0 { return }
            } catch let failure as BatchFailure where !failure.isConnectionLoss {
                await fail(failure)
            } catch {
                return  // the main loop meets the same and reports it
            }
        }
    }

    private func fail(_ failure: BatchFailure) async {
        for event in failure.events {
            do {
                let attempt = try await store.attempts(at: event) + 1
                let delay = failure.isTransient ? Backoff.delay(after: attempt, random: .random(in: 0...1)) : nil
                try await store.fail(event, error: failure.description, retryAfter: delay)
                if delay == nil {
                    report(Decider.Verdict(id: event, type: "", outcome: .failed(error: failure.description)))
                } else {
                    logger.warning("event will be retried", metadata: ["event": "\(event)", "error": "\(failure)"])
                }
            } catch {
                logger.error("failure not recorded", metadata: ["event": "\(event)", "error": "\(error)"])
            }
        }
    }

    private func report(_ verdict: Decider.Verdict) {
        let dimensions = [("outcome", verdict.outcome.status.rawValue), ("type", verdict.type)]
        Counter(label: "tollgate_events_processed_total", dimensions: dimensions, factory: metrics).increment()
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
