// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Waits for work that cannot be cancelled, but only up to a limit.
package enum Deadline {
    /// - Returns: nil if the limit passed first; the work goes on, and its result is dropped.
    package static func within<T: Sendable>(_ limit: Duration, _ work: @Sendable @escaping () async -> T) async -> T? {
        await withCheckedContinuation { (continuation: CheckedContinuation<T?, Never>) in
            let first = First(continuation)
            let clock = Task {
                do {
                    try await Task.sleep(for: limit)
                    first.resume(returning: nil)
                } catch {
                    return  // the work was faster
                }
            }
            Task {
                first.resume(returning: await work())
                clock.cancel()
            }
        }
    }

    /// Resumes once, with whichever result comes first.
    private final class First<T: Sendable>: Sendable {
        private let continuation: Mutex<CheckedContinuation<T?, Never>?>

        init(_ continuation: CheckedContinuation<T?, Never>) {
            self.continuation = Mutex(continuation)
        }

        func resume(returning value: T?) {
            let waiting = continuation.withLock { waiting in
                defer { waiting = nil }
                return waiting
            }
            waiting?.resume(returning: value)
        }
    }
}
