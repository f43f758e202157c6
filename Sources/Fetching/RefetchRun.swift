// SPDX-License-Identifier: Apache-2.0

import Notation
import Store
import Stripe
import StripeAPI

/// Asks Stripe's API for the state of a customer or another object, and takes it in.
package struct RefetchRun: Sendable {
    /// How far lists of payments reach back.
    private static let reach: Duration = .seconds(35 * 86_400)

    private let client: StripeClient
    private let livemode: Bool
    private let accounts: [String]
    private let now: @Sendable () -> Timestamp

    /// - Parameters:
    ///   - livemode: the key's mode.
    ///   - accounts: connected accounts, besides the key's own.
    ///   - now: this machine's clock, for a Stripe that does not say what its own shows.
    package init(
        _ client: StripeClient, livemode: Bool, accounts: Set<String>, now: @escaping @Sendable () -> Timestamp
    ) {
        self.client = client
        self.livemode = livemode
        self.accounts = accounts.sorted()
        self.now = now
    }

    /// - Parameter holder: the process that has the lease of fetches; nil for one that does this alone.
    /// - Returns: how much was found, and how much of that was new; what could not be read.
    /// - Throws: `StripeAPIError`, `PostgresError`, `CancellationError`.
    package func carryOut(
        _ task: RefetchTask, _ steps: FetchSteps, holder: String? = nil
    ) async throws -> (found: Int, stored: Int, omissions: [String]) {
        var (refetched, asked) = try await refetch(task, of: task.account, steps, holder)
        if task.account == nil, task.base.isEmpty {
            // Nothing says whose it is.
            for account in accounts where refetched.isUnknown {
                do {
                    (refetched, asked) = try await refetch(task, of: account, steps, holder)
                } catch StripeAPIError.accountRefused {
                    continue
                }
            }
        }
        let telling = task.telling(refetched.state)
        let entries = refetched.entries(marker: telling?.marker ?? "")
        let deliveries = telling == nil ? [] : entries.compactMap { Delivery(payload: $0.payload, source: .refetch) }
        let omissions = refetched.omissions.map { "\($0)" }
        let stored = try await steps.finish(
            task,
            FetchSteps.Found(
                deliveries, count: entries.count, state: refetched.state, asked: asked, telling: telling,
                omissions: omissions))
        return (entries.count, stored, omissions)
    }

    /// - Returns: what was found, and when the first of it was asked for.
    private func refetch(
        _ task: RefetchTask, of account: String?, _ steps: FetchSteps, _ holder: String?
    ) async throws -> (Refetched, asked: Timestamp) {
        var refetch = start(task, of: account)
        var first: Timestamp?
        while true {
            switch refetch.next() {
            case .send(var request):
                request.trigger = task.cause
                do {
                    let answer = try await client.answer(to: request)
                    // Certainly before the answer was made: Stripe's clock shows whole seconds.
                    let asked = answer.moment(by: now()) - answer.took - .seconds(1)
                    first = first ?? asked
                    try refetch.take(.success(try answer.json()), asked: asked)
                } catch let error as StripeAPIError {
                    try refetch.take(.failure(error), asked: now())
                }
                if let holder { _ = try await steps.keep(for: holder) }
            case .done(let refetched): return (refetched, asked: first ?? now())
            }
        }
    }

    private func start(_ task: RefetchTask, of account: String?) -> Refetch {
        // Only customers' ids may be chosen freely.
        if let kind = ObjectKind(id: task.subject), kind != .customer {
            return Refetch(kind, id: task.subject, account: account, livemode: livemode, failed: task.failed)
        }
        // What is done because a debt is old must not bring payments that nobody asked for.
        return Refetch(
            customer: task.subject, account: account, livemode: livemode, since: now() - Self.reach,
            named: task.named, failed: task.failed, bringsSales: !task.isByItself)
    }
}
