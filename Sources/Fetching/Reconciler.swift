// SPDX-License-Identifier: Apache-2.0

import EventReading
import Logging
import Metrics
import Notation
import ServiceLifecycle
import Store
import StripeAPI
import Telemetry

/// Compares what Stripe has with what came, from time to time, and takes in what did not: of the types that the rules read,
/// and a minute old at least. Then it has Stripe asked for those whose debt, or purchase that waits, is old. One process at
/// a time does it.
package struct Reconciler: Service {
    /// How often the database is asked whether it is time.
    private static let turn: Duration = .seconds(5)
    /// How long Stripe may take for a page.
    private static let timeLimit: Duration = .seconds(90)
    /// How many events one line names.
    private static let named = 5

    /// How many customers and purchases are asked for after a comparison.
    private static let staleLimit = 20

    private let walk: ListingWalk
    private let fetches: FetchSteps
    private let accounts: [String]
    private let interval: Duration
    private let holder: String
    private let outages: Outages
    private let missed: Counter
    private let logger: Logger

    /// - Parameters:
    ///   - accounts: connected accounts, besides the key's own.
    ///   - interval: between the end of one comparison and the beginning of the next.
    ///   - holder: this process: drawn at random.
    ///   - now: this machine's clock, for a Stripe that does not say what its own shows.
    package init(
        _ client: StripeClient, _ steps: ListingSteps, _ fetches: FetchSteps, accounts: Set<String>,
        every interval: Duration, holder: String,
        outages: Outages, metrics: any MetricsFactory, now: @escaping @Sendable () -> Timestamp, logger: Logger
    ) {
        walk = ListingWalk(client, steps, now: now)
        self.fetches = fetches
        self.accounts = BackfillStore.accounts(besides: accounts)
        self.interval = interval
        self.holder = holder
        self.outages = outages
        missed = Metric.stripeMissed.counter(in: metrics)
        missed.increment(by: 0)
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            var troubles = StripeTroubles()
            await FetchingLoop.run(reportingTo: outages) { try await advance(&troubles) }
        }
    }

    /// - Returns: how long to wait before the next turn.
    private func advance(_ troubles: inout StripeTroubles) async throws -> Duration? {
        guard
            let listing = try await walk.steps.nextOfReconciliation(of: accounts, every: interval, for: holder)
        else { return min(Self.turn, interval / 10) }
        let account = listing.account ?? ""
        do {
            let step = try await walk.step(listing, within: Self.timeLimit) { delivery in
                delivery.event.map { Interpretation.reads($0.type) } ?? true
            }
            if case .stuck(let missing) = step {
                if !missing.isEmpty { report(missing, account) }
                throw ListingWalk.stuck
            }
            if troubles.worked(account) { log(.notice, "Stripe can be asked again for what did not come", account) }
            if case .recorded(let missing, let last) = step {
                if !missing.isEmpty { report(missing, account) }
                // Once a comparison, whatever the number of accounts.
                if last == nil, listing.account == nil { _ = try await fetches.requestStale(atMost: Self.staleLimit) }
            }
            return nil
        } catch let error as StripeAPIError {
            if troubles.failed(account, error) {
                log(.error, "Stripe cannot be asked for what did not come", account, ["error": "\(error)"])
            }
            if error.isTransient { return Self.turn }
            try await walk.steps.fail(listing, "\(error)")
            return nil
        }
    }

    private func report(_ missing: [Delivery], _ account: String) {
        missed.increment(by: missing.count)
        let types = Set(missing.compactMap(\.event?.type)).sorted()
        log(
            .warning, "missed events were taken in", account,
            [
                "count": "\(missing.count)",
                "events": "\(Self.list(missing.map(\.id)))",
                "types": "\(Self.list(types))",
            ])
    }

    private static func list(_ words: [String]) -> String {
        words.prefix(named).joined(separator: ", ") + (words.count > named ? ", …" : "")
    }

    private func log(
        _ level: Logger.Level, _ message: Logger.Message, _ account: String, _ metadata: Logger.Metadata = [:]
    ) {
        var metadata = metadata
        if !account.isEmpty { metadata["account"] = "\(account)" }
        logger.log(level: level, message, metadata: metadata)
    }
}
