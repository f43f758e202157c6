// SPDX-License-Identifier: Apache-2.0

import Metrics
import Store
import Stripe
import Telemetry

/// The counters of webhook requests. Every foreseeable series exists from the start: a step from nothing to one does
/// not show in a rate.
final class ReceiptCounters: Sendable {
    static let unavailable = "unavailable"
    private static let outcomes =
        Receipt.allCases.map(\.rawValue) + [unavailable]
        + [.missing, .malformed(.noTimestamp), .mismatch, .timestampOutsideTolerance(age: 0, tolerance: 0)].map(
            \SignatureError.code)

    private let received: MetricHandles<String, Counter>
    private let verified: MetricHandles<String, Counter>

    /// - Parameter secrets: the names of the secrets.
    init(secrets: [String], factory: any MetricsFactory) {
        received = MetricHandles(Self.outcomes) { Metric.eventsReceived.counter($0, in: factory) }
        verified = MetricHandles(secrets) { Metric.signaturesVerified.counter($0, in: factory) }
        for outcome in Self.outcomes { received[outcome].increment(by: 0) }
    }

    func count(_ outcome: String) {
        received[outcome].increment()
    }

    func countVerified(by secret: String) {
        verified[secret].increment()
    }
}
