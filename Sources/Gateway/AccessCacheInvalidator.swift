// SPDX-License-Identifier: Apache-2.0

import ServiceLifecycle
import Store
import Synchronization

/// Keeps the caches correct: tells them when changes are announced, and when some may have been missed.
package struct AccessCacheInvalidator: Service {
    /// Between attempts to listen again.
    private static let pause: Duration = .milliseconds(500)

    private let feed: AccessFeed
    private let cache: AccessCache
    private let keys: KeyCache
    private let outages: Outages

    package init(feed: AccessFeed, cache: AccessCache, keys: KeyCache, outages: Outages) {
        self.feed = feed
        self.cache = cache
        self.keys = keys
        self.outages = outages
    }

    package func run() async throws {
        let isOver = Flag()
        await withTaskCancellationOrGracefulShutdownHandler {
            while !isOver.isSet {
                do {
                    try await feed.listen(
                        began: { [cache, keys, outages] in
                            cache.feedUp()
                            keys.feedUp()
                            outages.worked(.listening)
                        },
                        isOver: { isOver.isSet })
                } catch {
                    outages.failed(.listening, error)
                }
                cache.feedDown()
                keys.feedDown()
                if isOver.isSet { break }
                do {
                    try await Task.sleep(for: Self.pause)
                } catch {
                    break  // cancelled, so we are done
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
