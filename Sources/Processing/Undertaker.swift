import Logging
import Metrics
import ServiceLifecycle
import Store
import Timing

/// Looks for processes that died with events in hand: at once when this one starts, for it may be the next life of the
/// one that died, and then now and then. A process that only lost its connection is given time to take it up again.
package struct Undertaker: Service {
    private static let interval: Duration = .seconds(10)

    private let store: Store
    private let verdicts: VerdictReport

    package init(_ store: Store, metrics: any MetricsFactory, logger: Logger) {
        self.init(store, VerdictReport(counters: OutcomeCounters(metrics), strangers: nil, logger: logger))
    }

    init(_ store: Store, _ verdicts: VerdictReport) {
        self.store = store
        self.verdicts = verdicts
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            var backoff = Backoff()
            while !Task.isCancelled {
                do {
                    let missing = try await store.roster.missing()
                    try await Task.sleep(for: Self.interval)
                    backoff.reset()
                    for process in missing.intersection(try await store.roster.missing()) { try await bury(process) }
                } catch is CancellationError {
                    break
                } catch {
                    store.outages.failed(.roster, error)
                    await backoff.next()
                }
            }
        }
    }

    /// All that are missing right now.
    func buryPredecessors() async throws {
        for process in try await store.roster.missing() { try await bury(process) }
    }

    private func bury(_ process: Int) async throws {
        let failed = try await store.roster.bury(process)
        verdicts.report(
            failed.map { Decider.Verdict(id: $0.event, type: $0.type ?? "", outcome: .failed(error: $0.error)) })
    }
}
