// SPDX-License-Identifier: Apache-2.0

import EventReading
import Metrics
import Store
import Telemetry

/// Counts how events end, in series whose number no sender can increase: all types that no rule handles are one. Each
/// exists from the start: a step from nothing to one does not show in a rate.
struct OutcomeCounters: Sendable {
    static let otherType = "other"

    private static let reasons = Interpretation.Ignored.allCases.map(\.rawValue)
    private static let outcomes = EventState.allCases.filter { $0 != .pending }

    private let factory: any MetricsFactory

    init(_ factory: any MetricsFactory) {
        self.factory = factory
        for outcome in Self.outcomes {
            for type in Interpretation.types.union([Self.otherType]) { count(outcome, type, 0) }
        }
        for reason in Self.reasons { counter(ofReason: reason).increment(by: 0) }
    }

    func count(_ results: [EventResult]) {
        struct Series: Hashable {
            let outcome: EventState
            let type: String
        }
        for (series, results) in Dictionary(
            grouping: results, by: { Series(outcome: $0.transition.target, type: $0.type) })
        {
            count(series.outcome, series.type, results.count)
        }
        for case .ignored(let reason) in results.map(\.transition) { counter(ofReason: reason).increment() }
    }

    private func count(_ outcome: EventState, _ type: String, _ amount: Int) {
        let type = Interpretation.types.contains(type) ? type : Self.otherType
        Metric.eventsProcessed.counter(outcome.rawValue, type, in: factory).increment(by: amount)
    }

    /// The reasons are the rules' own words, so no sender can add one.
    private func counter(ofReason reason: String) -> Counter {
        Metric.eventsIgnored.counter(reason, in: factory)
    }
}
