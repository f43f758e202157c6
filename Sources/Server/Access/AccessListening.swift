import Logging
import ServiceLifecycle
import Store
import Synchronization

/// Keeps the access cache true: passes on to it whose answer has changed, and says when that may have been missed.
struct AccessListening: Service {
    /// Between attempts to listen again.
    private static let pause: Duration = .milliseconds(500)

    let store: Store
    let cache: AccessCache
    let logger: Logger

    func run() async throws {
        let isOver = Flag()
        await withTaskCancellationOrGracefulShutdownHandler {
            var isLogged = false
            while !isOver.isSet {
                do {
                    try await store.listen(began: { cache.resumed() }, isOver: { isOver.isSet })
                    isLogged = false
                } catch {
                    // Once an outage; the reads say more.
                    if !isLogged { logger.warning("changes of access are not heard", metadata: ["error": "\(error)"]) }
                    isLogged = true
                }
                cache.interrupted()
                if isOver.isSet { break }
                do {
                    try await Task.sleep(for: Self.pause)
                } catch {
                    break  // cancelled: it is over
                }
            }
        } onCancelOrGracefulShutdown: {
            isOver.set()
        }
    }

    private final class Flag: Sendable {
        private let value = Atomic(false)
        var isSet: Bool { value.load(ordering: .relaxed) }
        func set() { value.store(true, ordering: .relaxed) }
    }
}
