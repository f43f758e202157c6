// SPDX-License-Identifier: Apache-2.0

import Billing
import Fetching
import Foundation
import Logging
import Notation
import Postgres
import Processing
import Store
import Stripe
import StripeAPI
import Telemetry
import TestSupport
import Testing

/// A Stripe, a database, and what asks the one for the other.
struct FetchingFixture: Sendable {
    /// In whole seconds.
    static let now = Int64(Date().timeIntervalSince1970)

    let stripe: StripeStandIn
    let client: StripeClient
    let store: Store
    let source: DataSource
    let metrics: PrometheusRegistry
    let log: LogRecord

    static func with(_ state: JSON, _ body: (FetchingFixture) async throws -> Void) async throws {
        try await TestDatabase.with { database in
            try await StripeStandIn.with(state) { stripe in
                let (metrics, log) = (PrometheusRegistry(help: Metric.help), LogRecord())
                let address = try #require(APIAddress(stripe.base))
                let client = StripeClient(try APIKey(StripeStandIn.key), at: address, rate: 25, metrics: metrics)
                let store = Store(database.source, logger: log.logger)
                let fixture = FetchingFixture(
                    stripe: stripe, client: client, store: store, source: database.source, metrics: metrics, log: log)
                do {
                    try await body(fixture)
                } catch {
                    try await store.close()
                    try await client.close()
                    throw error
                }
                try await store.close()
                try await client.close()
            }
        }
    }

    /// Events 20 seconds apart, the newest two minutes old: `evt_0` is the newest.
    static func events(_ count: Int) -> [JSON] {
        (0..<count).map { StripeStandIn.event("evt_\($0)", created: now - 120 - Int64($0) * 20) }
    }

    func run(_ holder: String = "one") -> BackfillRun { BackfillRun(client, store.listings, holder: holder) }

    func start(
        since: Int64 = now - 86_400, isDryRun: Bool = false, accounts: Set<String> = []
    ) async throws -> BackfillRecord {
        let result = try await store.backfills.start(
            since: Timestamp(seconds: since), isDryRun: isDryRun,
            accounts: BackfillStore.accounts(besides: accounts), operator: "test")
        guard case .started(let record) = result else { throw NeverCame(description: "\(result)") }
        return record
    }

    /// - Returns: the backfill at its end.
    func finish(_ backfill: BackfillRecord, as holder: String = "one") async throws -> BackfillRecord {
        var run = run(holder)
        for _ in 0..<1000 {
            let turn = try await run.advance()
            let now = try #require(try await store.backfills.find(backfill.id))
            if now.status != .running { return now }
            if case .waits(let pause, _) = turn { try await Task.sleep(for: pause) }
        }
        throw NeverCame(description: "the end of the backfill")
    }

    /// By id, how each event came.
    func sources() async throws -> [String: String] {
        let database = Database(source, connections: 1)
        let rows = try await database.transaction { connection in
            try connection.execute("SELECT id, source FROM tollgate.event").map { row -> (String, String) in
                (try row["id"], try row["source"])
            }
        }
        try await database.shutdown()
        return Dictionary(uniqueKeysWithValues: rows)
    }

    func execute(_ statement: SQL) async throws {
        let database = Database(source, connections: 1)
        try await database.transaction { _ = try $0.execute(statement) }
        try await database.shutdown()
    }

    /// Puts events into the inbox as their webhooks would.
    func deliver(_ events: [JSON]) async throws {
        let deliveries = try events.map { try #require(Delivery(payload: $0.bytes)) }
        _ = try await store.inbox.insert(deliveries)
    }

    var logged: [String] { log.everything.split(separator: "\n").map(String.init) }

    /// Lets events be processed, and Stripe be asked for what they point to, while `body` runs.
    func processing(_ body: () async throws -> Void) async throws {
        let policy = Policy(livemode: false, connectedAccounts: ["acct_1"])
        let worker = Worker(
            store.queue, outages: store.outages, arrivals: { store.inbox.written }, policy: policy, metrics: metrics,
            asksStripe: true, logger: log.logger)
        let address = try #require(APIAddress(stripe.base))
        let fetcher = Fetcher(
            client, at: address, store.fetches, policy: policy, now: { Timestamp(seconds: Self.now) }, holder: "one",
            outages: store.outages, logger: log.logger)
        let tasks = [Task { try await worker.run() }, Task { try await fetcher.run() }]
        defer { for task in tasks { task.cancel() } }
        try await body()
    }

    /// The event once it has made so many attempts and waits for nothing.
    func ended(_ id: String, attempts: Int = 1) async throws -> EventRecord {
        try await eventually("the end of \(id)") {
            guard let event = try await store.events.find(id)?.record, event.attempts >= attempts,
                event.status != .pending
            else { return nil }
            return event
        }
    }

    /// Waits until the customer has so many credits.
    func gives(_ credits: Int64, _ customer: String) async throws {
        try await eventually("\(credits) credits") { try await self.credits(customer) == credits ? true : nil }
    }

    func credits(_ customer: String) async throws -> Int64? {
        try await store.customers.statement(of: customer, latest: 100)?.answer.credits
    }

    /// What was asked of the list of events.
    func listRequests() async throws -> [JSON] {
        try await stripe.requests().filter { $0["path"] == "/v1/events" }
    }
}
