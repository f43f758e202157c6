// SPDX-License-Identifier: Apache-2.0

import CoreMetrics
import Synchronization

/// A number that only grows.
final class PrometheusCounter: PrometheusSeries, CounterHandler, FloatingPointCounterHandler {
    static let kind = PrometheusKind.counter

    private let total = Mutex<Double>(0)

    func increment(by amount: Int64) {
        increment(by: Double(amount))
    }

    /// Ignores anything but a positive, finite amount: a counter that falls would be read as a restart.
    func increment(by amount: Double) {
        guard amount > 0, amount.isFinite else { return }
        total.withLock { $0 += amount }
    }

    func reset() {
        total.withLock { $0 = 0 }
    }

    func write(to text: inout String, name: String, labels: String) {
        text += "\(name)\(labels) \(PrometheusText.number(total.withLock { $0 }))\n"
    }
}
