// SPDX-License-Identifier: Apache-2.0

import Console
import EventForge

/// A line that shows the progress, on a terminal only: a pipe gets the figures and nothing else.
enum BenchProgress {
    /// - Parameter text: the current line; asked for a few times a second, from another thread.
    static func showing<T: Sendable>(
        _ text: @escaping @Sendable () -> String,
        while body: () async throws -> T
    ) async throws -> T {
        let task = Task {
            var line = ProgressLine()
            defer { line.clear() }
            while line.isRedrawn {
                line.show(text())
                do {
                    try await Task.sleep(for: .milliseconds(200))
                } catch {
                    return  // what it shows is over
                }
            }
        }
        let result: Result<T, any Error>
        do {
            result = .success(try await body())
        } catch {
            result = .failure(error)
        }
        task.cancel()
        await task.value
        return try result.get()
    }

    /// Signs events ahead.
    /// - Returns: the queue with this many more events.
    static func signing(_ count: Int, _ queue: SignedEventQueue) async throws -> SignedEventQueue {
        let line: @Sendable () -> String = { "signing \(count) events" }
        return try await showing(line) {
            var queue = queue
            try queue.add(count)
            return queue
        }
    }

    /// Progress through a span of time.
    static func ofTime(_ what: String, _ duration: Duration, _ progress: LoadProgress) -> @Sendable () -> String {
        let start = ContinuousClock.now
        return {
            let passed = start.duration(to: .now)
            let rate = Double(progress.answers) / max(0.001, passed / .seconds(1))
            let figures = "\(progress.answers) answers  \(BenchFigure.text(rate, digits: 0))/s"
            return "\(ProgressBar.text(passed / duration))  \(what)  \(figures)"
        }
    }
}
