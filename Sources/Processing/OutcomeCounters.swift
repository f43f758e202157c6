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

    private struct Series: Hashable {
        let outcome: EventState
        let type: String
    }

    private let processed: MetricHandles<Series, Counter>
    /// The reasons are the rules' own words: no sender can add one.
    private let ignored: MetricHandles<String, Counter>

    init(_ factory: any MetricsFactory) {
        let types = Interpretation.types.union([Self.otherType])
        let series = Self.outcomes.flatMap { outcome in types.map { Series(outcome: outcome, type: $0) } }
        processed = MetricHandles(series) { Metric.eventsProcessed.counter($0.outcome.rawValue, $0.type, in: factory) }
        ignored = MetricHandles(Self.reasons) { Metric.eventsIgnored.counter($0, in: factory) }
        for series in series { processed[series].increment(by: 0) }
        for reason in Self.reasons { ignored[reason].increment(by: 0) }
    }

    func count(_ results: [EventResult]) {
        for result in results {
            let type = Interpretation.types.contains(result.type) ? result.type : Self.otherType
            processed[Series(outcome: result.transition.target, type: type)].increment()
            if case .ignored(let reason) = result.transition { ignored[reason].increment() }
        }
    }
}
