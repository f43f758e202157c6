// SPDX-License-Identifier: Apache-2.0

import ServiceLifecycle
import Synchronization

/// Somebody who waits for changes. Being woken while it does not wait ends its next wait at once.
package final class FeedFollower: Sendable {
    private struct State {
        var isEnded = false
        var isWoken = false
        var waiting: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    package init() {}

    /// Whether nobody waits for an answer any more: the client has left, or the process is stopping.
    package var isEnded: Bool { state.withLock(\.isEnded) }

    package func end() {
        state.withLock { $0.isEnded = true }
        wake()
    }

    func wake() {
        let waiting = state.withLock { state in
            defer { state.waiting = nil }
            state.isWoken = state.waiting == nil
            return state.waiting
        }
        waiting?.resume()
    }

    /// Ends it when the process is asked to stop while `body` runs.
    package func untilStopped<T: Sendable>(_ body: () async throws -> T) async rethrows -> T {
        try await withTaskCancellationOrGracefulShutdownHandler(operation: body) { self.end() }
    }

    /// Until it is woken or ended, or the time has come. One wait at a time.
    package func wait(until deadline: ContinuousClock.Instant) async {
        let clock = Task { [weak self] in
            do {
                try await Task.sleep(until: deadline)
                self?.wake()
            } catch {
                return  // it was woken before
            }
        }
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                let isOver = state.isWoken || state.isEnded
                if !isOver { state.waiting = continuation }
                state.isWoken = false
                return isOver
            }
            if isOver { continuation.resume() }
        }
        clock.cancel()
    }
}
