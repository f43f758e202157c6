// SPDX-License-Identifier: Apache-2.0

import Billing
import EventReading
import Logging
import Notation
import ServiceLifecycle
import Store
import Stripe
import StripeAPI

/// Asks Stripe for what events only point to, and for the state of what no event told. One process at a time does it.
package struct Fetcher: Service {
    private static let interval: Duration = .seconds(1)
    /// How many tasks are carried out at once: one that Stripe does not answer keeps no other waiting.
    private static let limit = 8

    private let client: StripeClient
    private let steps: FetchSteps
    private let refetches: RefetchRun
    private let thin: ThinResolver
    private let policy: Policy
    private let holder: String
    private let outages: Outages
    private let logger: Logger

    /// - Parameter holder: this process: drawn at random.
    package init(
        _ client: StripeClient, at address: APIAddress, _ steps: FetchSteps, policy: Policy,
        now: @escaping @Sendable () -> Timestamp, holder: String, outages: Outages, logger: Logger
    ) {
        self.client = client
        self.steps = steps
        self.policy = policy
        self.holder = holder
        self.outages = outages
        self.logger = logger
        refetches = RefetchRun(
            client, livemode: policy.livemode, accounts: policy.connectedAccounts, now: now)
        thin = ThinResolver(client: client, address: address)
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Happening.self) { group in
                var state = State()
                await FetchingLoop.run(reportingTo: outages) { try await advance(&state, &group) }
                group.cancelAll()
            }
        }
    }

    /// What a turn waits for.
    private enum Happening: Sendable {
        case ended(FetchSteps.Task, Result<Void, any Error>)
        /// It may be time for more.
        case interval
    }

    private struct State {
        /// The ids of the tasks that are being carried out.
        var running: Set<String> = []
        var isWaiting = false
        var troubles = StripeTroubles()
    }

    /// Begins the next task, or waits until one ends.
    /// - Returns: how long to wait before the next turn.
    private func advance(_ state: inout State, _ group: inout TaskGroup<Happening>) async throws -> Duration? {
        if state.running.count < Self.limit, let task = try await steps.next(for: holder, besides: state.running) {
            state.running.insert(task.id)
            group.addTask {
                do {
                    try await carryOut(task)
                    return .ended(task, .success(()))
                } catch {
                    return .ended(task, .failure(error))
                }
            }
            return nil
        }
        if state.running.isEmpty { return Self.interval }
        if !state.isWaiting {
            state.isWaiting = true
            group.addTask {
                try? await Task.sleep(for: Self.interval)
                return .interval
            }
        }
        switch await group.next() {
        case .ended(let task, let result):
            state.running.remove(task.id)
            try await take(result, of: task, &state.troubles)
        case .interval, nil:
            state.isWaiting = false
            // What Stripe takes its time for stays this process's.
            _ = try await steps.keep(for: holder)
        }
        return nil
    }

    private func carryOut(_ task: FetchSteps.Task) async throws {
        switch task {
        case .event(let fetch): try await answer(fetch)
        case .refetch(let task): _ = try await refetches.carryOut(task, steps, holder: holder)
        }
    }

    private func take(
        _ result: Result<Void, any Error>, of task: FetchSteps.Task, _ troubles: inout StripeTroubles
    ) async throws {
        do {
            try result.get()
            // What never failed says nothing of what does.
            if task.hasFailed, troubles.worked("") { logger.notice("Stripe answers again what events point to") }
        } catch let error as StripeAPIError {
            let next = FetchPause(after: error, refusals: task.refusals)
            switch task {
            case .event(let fetch):
                try await steps.postpone(fetch, "\(error)", for: next.pause, refusals: next.refusals)
            case .refetch(let task):
                try await steps.postpone(task, "\(error)", for: next.pause, refusals: next.refusals)
            }
            report(error, about: task.id, next.pause, &troubles)
        }
    }

    /// What may pass, or concerns all, is told once; what Stripe refuses for good, each time.
    private func report(
        _ error: StripeAPIError, about id: String, _ pause: Duration?, _ troubles: inout StripeTroubles
    ) {
        if pause == nil || troubles.failed("", error) {
            logger.error(
                "Stripe does not answer what is asked of it", metadata: ["about": "\(id)", "error": "\(error)"])
        }
    }

    // MARK: Events

    private func answer(_ fetch: EventFetch) async throws {
        guard let event = try? Event(payload: fetch.payload) else {
            throw StripeAPIError.unreadable("the event cannot be read")
        }
        switch fetch.kind {
        case .lines:
            // The price map may have been emptied meanwhile.
            guard let wanted = WantedLines(event, policy: policy, prices: fetch.prices) else {
                return try await steps.finish(fetch, because: "nothing is left to ask")
            }
            let lines = try await LineReader(client: client).lines(wanted, because: fetch.event)
            try await steps.finish(fetch, lines: lines.bytes)
        case .thin:
            switch try await thin.resolve(fetch, account: event.account) {
            case .event(let delivery): try await steps.finish(thin: fetch, delivery: delivery, object: nil)
            case .object(let id):
                try await steps.finish(thin: fetch, delivery: nil, object: (id, event.account))
            case .nothing(let reason): try await steps.finish(fetch, because: reason)
            }
        }
    }
}
