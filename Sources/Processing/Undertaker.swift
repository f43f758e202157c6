import Logging
import ServiceLifecycle
import Store

/// Looks for processes that died with events in hand: at once when this one starts, for it may be the next life of the
/// one that died, and then now and then. A process that only lost its connection is given time to take it up again.
public struct Undertaker: Service {
    private static let interval: Duration = .seconds(10)

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
                    let missing = try await store.roster.missing()
                    try await Task.sleep(for: Self.interval)
                    pause.reset()
                    for process in missing.intersection(try await store.roster.missing()) { try await bury(process) }
                } catch is CancellationError {
                    break
                } catch {
                    // The workers say so as well; this can wait.
                    logger.debug("the roster is out of reach", metadata: ["error": "\(error)"])
                    await pause.next()
                }
            }
        }
    }

    /// All that are missing right now.
    func buryPredecessors() async throws {
        for process in try await store.roster.missing() { try await bury(process) }
    }

    private func bury(_ process: Int) async throws {
        for event in try await store.roster.bury(process) {
            logger.error("event failed: its process died of it, again and again", metadata: ["event": "\(event)"])
        }
    }
}
