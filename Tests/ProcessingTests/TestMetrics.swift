// SPDX-License-Identifier: Apache-2.0

import Metrics
import Synchronization

/// Records counters, by label and dimensions.
final class TestMetrics: MetricsFactory, Sendable {
    private let state = Mutex<[String: Int64]>([:])

    var counts: [String: Int64] { state.withLock { $0 } }

    private final class Counting: CounterHandler, Sendable {
        let name: String
        let metrics: TestMetrics

        init(_ name: String, _ metrics: TestMetrics) {
            self.name = name
            self.metrics = metrics
        }

        func increment(by amount: Int64) { metrics.state.withLock { $0[name, default: 0] += amount } }
        func reset() {}
    }

    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        Counting(([label] + dimensions.map { "\($0.0)=\($0.1)" }).joined(separator: " "), self)
    }

    func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        NOOPMetricsHandler.instance
    }

    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler { NOOPMetricsHandler.instance }
    func destroyCounter(_ handler: any CounterHandler) {}
    func destroyRecorder(_ handler: any RecorderHandler) {}
    func destroyTimer(_ handler: any TimerHandler) {}
}
