// SPDX-License-Identifier: Apache-2.0

import CoreMetrics
import Synchronization

/// Observations counted by size: durations in seconds for a timer, plain numbers for a recorder.
final class PrometheusHistogram: PrometheusSeries, TimerHandler, RecorderHandler {
    static let kind = PrometheusKind.histogram

    private struct Observations {
        /// Per bucket, not cumulative; the last is for what exceeds every bound.
        var counts: [UInt64]
        var sum = 0.0
    }

    private let bounds: [Double]
    private let observations: Mutex<Observations>

    /// - Parameter bounds: upper bounds, inclusive, ascending.
    init(bounds: [Double]) {
        self.bounds = bounds
        observations = Mutex(Observations(counts: Array(repeating: 0, count: bounds.count + 1)))
    }

    func recordNanoseconds(_ duration: Int64) {
        record(Double(duration) / 1e9)
    }

    func record(_ value: Int64) {
        record(Double(value))
    }

    /// A value that is not finite would spoil the sum for ever; a negative one (a clock set back) counts as zero.
    func record(_ value: Double) {
        guard value.isFinite else { return }
        let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
        observations.withLock { observations in
            observations.counts[bucket] += 1
            observations.sum += max(0, value)
        }
    }

    func write(to text: inout String, name: String, labels: String) {
        let observations = observations.withLock { $0 }
        let prefix = labels.isEmpty ? "{" : labels.dropLast() + ","
        var count: UInt64 = 0
        for (bound, observed) in zip(bounds + [.infinity], observations.counts) {
            count += observed
            text += "\(name)_bucket\(prefix)le=\"\(PrometheusText.number(bound))\"} \(count)\n"
        }
        text += "\(name)_sum\(labels) \(PrometheusText.number(observations.sum))\n"
        text += "\(name)_count\(labels) \(count)\n"
    }
}
