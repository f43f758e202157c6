// SPDX-License-Identifier: Apache-2.0

import Metrics
import Store
import Stripe
import Synchronization
import Telemetry

/// The counters of webhook requests. Every foreseeable series exists from the start: a step from nothing to one does
/// not show in a rate.
final class ReceiptCounters: Sendable {
    static let unavailable = "unavailable"
    private static let outcomes =
        Receipt.allCases.map(\.rawValue) + [unavailable]
        + [.missing, .malformed(.noTimestamp), .mismatch, .timestampOutsideTolerance(age: 0, tolerance: 0)].map(
            \SignatureError.code)

    private let factory: any MetricsFactory
    /// The factory looks a counter up by its rendered labels, which is too slow for every request.
    private let received: Mutex<[String: Counter]>
    private let verified: [String: Counter]

    /// - Parameter secrets: the names of the secrets.
    init(secrets: [String], factory: any MetricsFactory) {
        self.factory = factory
        verified = Dictionary(
            secrets.map { ($0, Metric.signaturesVerified.counter($0, in: factory)) },
            uniquingKeysWith: { first, _ in first })
        received = Mutex([:])
        for outcome in Self.outcomes { count(outcome, by: 0) }
    }

    func count(_ outcome: String, by amount: Int64 = 1) {
        received.withLock { known in
            if let counter = known[outcome] { return counter }
            let counter = Metric.eventsReceived.counter(outcome, in: factory)
            known[outcome] = counter
            return counter
        }.increment(by: amount)
    }

    func countVerified(by secret: String) {
        verified[secret]?.increment()
    }
}
