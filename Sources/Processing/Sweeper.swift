import Billing
import Logging
import ServiceLifecycle
import Store

/// Moves the stored flags that time alone changes, and writes their lines of the timeline. Readers are right
/// without it; the timeline and the stored flag are not. First it decides anew about everyone whose answer was decided
/// under another configuration.
public struct Sweeper: Service {
    private static let batchLimit = 200

    private let store: Store
    private let policy: Policy
    private let interval: Duration
    private let logger: Logger

    public init(_ store: Store, policy: Policy, every interval: Duration = .seconds(1), logger: Logger) {
        self.store = store
        self.policy = policy
        self.interval = interval
        self.logger = logger
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            var pause = Pause()
            var isReconsidered = false
            while !Task.isCancelled {
                do {
                    if !isReconsidered {
                        try await reconsider()
                        isReconsidered = true
                    }
                    let moved = try await store.sweepElapsed(atMost: Self.batchLimit, policy: policy)
                    if moved > 0 { logger.info("flags moved by time", metadata: ["count": "\(moved)"]) }
                    pause.reset()
                    if moved < Self.batchLimit { try await Task.sleep(for: interval) }
                } catch is CancellationError {
                    break
                } catch {
                    logger.error("the sweeper is waiting for the database", metadata: ["error": "\(error)"])
                    await pause.next()
                }
            }
        }
    }

    private func reconsider() async throws {
        var count = 0
        while true {
            let decided = try await store.reconsider(atMost: Self.batchLimit, policy: policy)
            count += decided
            if decided < Self.batchLimit { break }
        }
        if count > 0 {
            logger.info("decided anew, for the configuration has changed", metadata: ["customers": "\(count)"])
        }
    }
}
