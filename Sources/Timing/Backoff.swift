// SPDX-License-Identifier: Apache-2.0

/// The wait between attempts while something is unavailable: 0.1 s, doubled up to 2 s, with jitter, so that workers do
/// not all return at once when a database comes back.
package struct Backoff: Sendable {
    private var step: Duration = .milliseconds(100)

    package init() {}

    package mutating func reset() {
        step = .milliseconds(100)
    }

    /// - Parameter random: the jitter, 0.5 to 1.
    package mutating func delay(random: Double) -> Duration {
        defer { step = min(step * 2, .seconds(2)) }
        return step * random
    }

    package mutating func next() async {
        // Cancellation simply ends the wait.
        try? await Task.sleep(for: delay(random: .random(in: 0.5...1)))
    }
}
