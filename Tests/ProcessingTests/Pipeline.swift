// SPDX-License-Identifier: Apache-2.0

import Billing
import Logging
import Metrics
import Notation
import Postgres
import Processing
import Store
import Stripe
import TestSupport

/// The inbox and the processing on a database of their own, without HTTP.
struct Pipeline {
    let store: Store
    let database: TestDatabase

    static func with(
        policy: Policy = Policy(),
        workers: Int = 1,
        sweeping: Bool = false,
        _ body: (Pipeline) async throws -> Void
    ) async throws {
        try await TestDatabase.with { database in
            try await with(policy: policy, workers: workers, sweeping: sweeping, on: database, body)
        }
    }

    static func with(
        policy: Policy = Policy(),
        workers: Int = 1,
        sweeping: Bool = false,
        on database: TestDatabase,
        as user: String? = nil,
        _ body: (Pipeline) async throws -> Void
    ) async throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        // libpq uses the last of two equal keywords.
        let source = user.map { DataSource("\(database.url) user=\($0)") } ?? database.source
        let store = Store(source, logger: logger)
        let pipeline = Pipeline(store: store, database: database)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<workers {
                let worker = Worker(
                    store.queue, outages: store.outages, arrivals: { store.inbox.written }, policy: policy,
                    metrics: NOOPMetricsHandler.instance, logger: logger)
                group.addTask { try await worker.run() }
            }
            if sweeping {
                let sweeper = Sweeper(
                    store.sweeps, outages: store.outages, policy: policy, every: .milliseconds(50), logger: logger)
                group.addTask { try await sweeper.run() }
            }
            group.addTask { try await OutageWatch(store.outages).run() }
            do {
                try await body(pipeline)
            } catch {
                group.cancelAll()
                try await group.waitForAll()
                throw error
            }
            group.cancelAll()
            try await group.waitForAll()
        }
        try await store.close()
    }

    @discardableResult
    func receive(_ json: JSON) async throws -> Receipt {
        let payload = json.bytes
        let delivery = Delivery(event: try Event.Envelope(payload: payload), payload: payload)
        return try await store.inbox.receive(delivery, by: .now + .seconds(60))
    }

    /// Puts events into the inbox and waits for the end of each.
    func handle(_ events: [JSON]) async throws {
        for event in events { try await receive(event) }
        for event in events { _ = try await ended(event["id"]?.string ?? "") }
    }

    func ended(_ id: String) async throws -> EventStatement {
        try await eventually("the end of \(id)") {
            guard let event = try await store.events.find(id), event.record.status != .pending else { return nil }
            return event
        }
    }

    func reason(_ customer: String = "cus_1") async throws -> Reason? {
        try await store.access(of: customer)?.decision.reason
    }
}

extension Store {
    func access(of customer: String) async throws -> AccessAnswer? {
        try await withCheckedThrowingContinuation { continuation in
            access.read(customer, by: .now + .seconds(60)) { continuation.resume(with: $0.mapError { $0 }) }
        }
    }
}
