import Logging
import ServiceLifecycle
import Store

/// Keeps the way into the database open: while the inbox's circuit breaker is open, it tries whether events are taken
/// again.
public struct Drainer: Service {
    private static let interval: Duration = .milliseconds(200)

    private let store: Store
    private let logger: Logger

    public init(_ store: Store, logger: Logger) {
        self.store = store
        self.logger = logger
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            var pause = Pause()
            while !Task.isCancelled {
                do {
                    if store.inbox.breaker.isOpen { try await store.inbox.probe() }
                    pause.reset()
                    try await Task.sleep(for: Self.interval)
                } catch is CancellationError {
                    break
                } catch {
                    logger.debug("the database does not take events", metadata: ["error": "\(error)"])
                    await pause.next()
                }
            }
        }
    }
}
