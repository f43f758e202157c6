// SPDX-License-Identifier: Apache-2.0

import CoreMetrics
import Synchronization

/// A number that stays as it was last set.
final class PrometheusGauge: PrometheusSeries, RecorderHandler, MeterHandler {
    static let kind = PrometheusKind.gauge

    private let value = Mutex<Double>(0)

    func record(_ value: Int64) { set(Double(value)) }
    func record(_ value: Double) { set(value) }
    func set(_ value: Int64) { set(Double(value)) }

    func set(_ value: Double) {
        self.value.withLock { $0 = value }
    }

    func increment(by amount: Double) {
        value.withLock { $0 += amount }
    }

    func decrement(by amount: Double) {
        value.withLock { $0 -= amount }
    }

    func write(to text: inout String, name: String, labels: String) {
        text += "\(name)\(labels) \(PrometheusText.number(value.withLock { $0 }))\n"
    }
}
