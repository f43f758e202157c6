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
            var troubles = StripeTroubles()
            await FetchingLoop.run(reportingTo: outages) { try await advance(&troubles) }
        }
    }

    /// - Returns: how long to wait before the next turn.
    private func advance(_ troubles: inout StripeTroubles) async throws -> Duration? {
        guard let task = try await steps.next(for: holder) else { return Self.interval }
        do {
            switch task {
            case .event(let fetch): try await answer(fetch)
            case .refetch(let task): _ = try await refetches.carryOut(task, steps, holder: holder)
            }
            if troubles.worked("") { logger.notice("Stripe answers again what events point to") }
        } catch let error as StripeAPIError {
            let pause: Duration?
            switch task {
            case .event(let fetch):
                pause = FetchPause.after(error, attempts: fetch.attempts)
                try await steps.postpone(fetch, "\(error)", for: pause)
            case .refetch(let task):
                pause = FetchPause.after(error, attempts: task.attempts)
                try await steps.postpone(task, "\(error)", for: pause)
            }
            report(error, about: task, pause, &troubles)
        }
        return nil
    }

    /// What may pass, or concerns all, is told once; what Stripe refuses for good, each time.
    private func report(
        _ error: StripeAPIError, about task: FetchSteps.Task, _ pause: Duration?, _ troubles: inout StripeTroubles
    ) {
        let subject =
            switch task {
            case .event(let fetch): fetch.event
            case .refetch(let task): task.subject
            }
        if pause == nil || troubles.failed("", "\(error)") {
            logger.error(
                "Stripe does not answer what is asked of it", metadata: ["about": "\(subject)", "error": "\(error)"])
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
                return try await steps.postpone(fetch, "nothing is left to ask", for: nil)
            }
            let lines = try await LineReader(client: client).lines(wanted, because: fetch.event)
            try await steps.finish(fetch, lines: lines.bytes)
        case .thin:
            switch try await thin.resolve(fetch, account: event.account) {
            case .event(let delivery): try await steps.finish(thin: fetch, delivery: delivery, object: nil)
            case .object(let id):
                try await steps.finish(thin: fetch, delivery: nil, object: (id, event.account))
            case .nothing(let reason): try await steps.postpone(fetch, reason, for: nil)
            }
        }
    }
}
