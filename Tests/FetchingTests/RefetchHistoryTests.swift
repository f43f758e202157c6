// SPDX-License-Identifier: Apache-2.0

import Billing
import Fetching
import Foundation
import Notation
import StripeAPI
import TestSupport
import Testing

/// Random histories from a model of Stripe, of which events are lost: what the API says afterwards makes up for them. To
/// run one seed again:
/// `TOLLGATE_HISTORY_SEED=<seed> scripts/test --filter RefetchHistoryTests`
@Suite struct RefetchHistoryTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let count = (environment["TOLLGATE_HISTORIES"].flatMap(UInt64.init) ?? 10_000) / 20
    private static let seeds: Range<UInt64> =
        environment["TOLLGATE_HISTORY_SEED"].flatMap(UInt64.init).map { $0..<$0 + 1 } ?? 0..<count

    private static let prices = Dictionary(
        uniqueKeysWithValues: History.prices.map { id, credits in
            (id, Price(credits: credits, unitAmount: History.unitAmounts[id]))
        })

    @Test func `whatever events are lost, a refetch ends in the same flag, reason and credits`() async {
        var (lost, entries) = (0, 0)
        for seed in Self.seeds {
            // Other tests need this thread.
            await Task.yield()
            let history = History(seed: seed, isComplete: true)
            let run = Run(history, seed: seed)
            lost += run.lost
            entries += run.entries.count
            guard let problem = run.problem(Self.prices) else { continue }
            let (smallest, its) = Self.shrink(history, problem, seed: seed)
            Issue.record("seed \(seed): \(its)\n\(Self.describe(smallest, seed: seed))")
            return
        }
        #expect(lost > 0 && entries > 0)
        print("\(Self.seeds.count) histories, of which \(lost) events were lost, ended alike by \(entries) entries")
    }

    private struct Incomplete: Error {
        let omissions: [RefetchOmission]
    }

    /// One history, of which some events are lost, and what is refetched after it.
    private struct Run {
        let history: History
        let policy: Policy
        let end: Timestamp
        let delivered: [JSON]
        private(set) var entries: [JSON] = []
        private(set) var trouble: String?

        var lost: Int { history.events.count - delivered.count }

        init(_ history: History, seed: UInt64) {
            self.history = history
            var random = SeededRandom(seed &+ 1)
            policy = Policy(livemode: true, blocksOnDispute: random.one(in: 2), debts: random.pick(.charged, .all))
            let last = history.events.compactMap { $0["created"]?.integer }.max()
            // In the last second of the story, or days later.
            let pause = random.one(in: 2) ? 0 : random.within(1...864_000)
            end = (last.map(Timestamp.init(seconds:)) ?? Events.midnight) + .seconds(pause)
            // Often all of them, or only a few.
            let share = random.pick(10, 10, 8, 5, 1)
            delivered = history.events.filter { _ in random.within(1...10) > Int64(share) }
            do {
                entries = try refetched().shuffled(using: &random)
            } catch {
                trouble = "\(error)"
            }
        }

        private func refetched() throws -> [JSON] {
            let since = Events.midnight - .seconds(1)
            let known = history.objects.ids("customer", where: "object", is: "customer")
            let customers = known.map { customer in
                Refetch(customer: customer, account: nil, livemode: true, since: since)
            }
            // What a guest bought is no customer's yet: such purchases wait.
            let guests = history.objects.ids("checkout.session", where: "customer", is: .null).map { session in
                Refetch(.checkoutSession, id: session, account: nil, livemode: true)
            }
            return try (customers + guests).flatMap { refetch in
                let refetched = try refetch.play(against: history.objects, asked: end)
                guard refetched.omissions.isEmpty else { throw Incomplete(omissions: refetched.omissions) }
                return try refetched.events()
            }
        }

        /// - Returns: the first difference from a run in which nothing was lost.
        func problem(_ prices: [String: Price]) -> String? {
            if let trouble { return trouble }
            do {
                var whole = Receiver(policy, prices: prices)
                for event in history.events { try whole.take(event, at: end) }
                var random = SeededRandom(UInt64(bitPattern: end.seconds))
                // Events that come late, entries that come twice, and a refetch where nothing was lost.
                let orders = [
                    delivered + entries, entries + delivered, (delivered + entries + entries).shuffled(using: &random),
                    (history.events + entries).shuffled(using: &random),
                ]
                for (order, events) in orders.enumerated() {
                    var lossy = Receiver(policy, prices: prices)
                    for event in events { try lossy.take(event, at: end) }
                    for customer in history.customers {
                        let (one, other) = (whole.account(customer), lossy.account(customer))
                        if let problem = difference(one, other) { return "order \(order): \(customer) \(problem)" }
                    }
                }
                return nil
            } catch {
                return "\(error)"
            }
        }

        private func difference(_ one: Account, _ other: Account) -> String? {
            if one.balance.credits != other.balance.credits {
                return "has \(other.balance.credits) credits instead of \(one.balance.credits)"
            }
            let moments = history.truth.moments(of: one.customer, gracePeriod: policy.gracePeriod).filter { end < $0 }
            for moment in [end] + moments.flatMap({ [$0 - .seconds(1), $0, $0 + .seconds(1)] }) {
                let expected = one.decide(at: moment, policy: policy)
                let found = other.decide(at: moment, policy: policy)
                guard expected != found, !isUnknowable(expected, found, other) else { continue }
                return "at \(moment) is \(found.reason) until \(found.until.map { "\($0)" } ?? "-")"
                    + " instead of \(expected.reason) until \(expected.until.map { "\($0)" } ?? "-")"
            }
            return nil
        }

        /// Of a subscription whose invoices Stripe voids no object shows how far the last paid period reached, if its
        /// invoice was a draft that nobody was asked to pay, or if several for usage were voided since: then it may entitle
        /// for longer, until the last of the voided periods.
        private func isUnknowable(_ expected: Decision, _ found: Decision, _ account: Account) -> Bool {
            let reasons: Set<Reason> = [.subscriptionActive, .subscriptionEnded]
            guard reasons.isSuperset(of: [expected.reason, found.reason]) else { return false }
            return account.subscriptions.values.contains { subscription in
                guard subscription.history?.suspension != nil else { return false }
                let events = history.events.filter { "\($0)".contains(subscription.id) }
                let types = events.compactMap { $0["type"]?.string }
                let isLater = found.allowed && types.filter { $0 == "invoice.voided" }.count > 1
                return isLater || types.contains("invoice.created")
            }
        }
    }

    private static func shrink(_ history: History, _ problem: String, seed: UInt64) -> (History, String) {
        var (smallest, its) = (history, problem)
        while let next = smallest.smaller.lazy.compactMap({ history in
            Run(history, seed: seed).problem(prices).map { (history, $0) }
        }).first {
            (smallest, its) = next
        }
        return (smallest, its)
    }

    private static func describe(_ history: History, seed: UInt64) -> String {
        let run = Run(history, seed: seed)
        func lines(_ events: [JSON]) -> [String] { events.map { String(decoding: $0.bytes, as: UTF8.self) } }
        let delivered = run.delivered.compactMap { $0["id"]?.string }
        return
            (history.stories.map { "\($0)" } + ["all:"] + lines(history.events) + ["delivered:"] + delivered
            + ["entries:"] + lines(run.entries)).joined(separator: "\n")
    }
}
