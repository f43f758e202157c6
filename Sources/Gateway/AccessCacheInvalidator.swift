import ServiceLifecycle
import Store
import Synchronization

/// Keeps the access cache true: passes on to it whose answer has changed, and says when that may have been missed.
package struct AccessCacheInvalidator: Service {
    /// Between attempts to listen again.
    private static let pause: Duration = .milliseconds(500)

    let store: Store
    let cache: AccessCache

    package init(store: Store, cache: AccessCache) {
        self.store = store
        self.cache = cache
    }

    package func run() async throws {
        let isOver = Flag()
        await withTaskCancellationOrGracefulShutdownHandler {
            while !isOver.isSet {
                do {
                    try await store.listen(
                        began: { [store, cache] in
                            cache.feedUp()
                            store.outages.worked(.listening)
                        },
                        isOver: { isOver.isSet })
                } catch {
                    store.outages.failed(.listening, error)
                }
                cache.feedDown()
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
