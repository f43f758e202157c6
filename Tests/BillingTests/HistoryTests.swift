// SPDX-License-Identifier: Apache-2.0

import Billing
import Foundation
import Notation
import TestSupport
import Testing

/// Random histories from a model of Stripe, delivered out of order and repeatedly: each must end as the model does. To
/// run one seed again:
/// `TOLLGATE_HISTORY_SEED=<seed> scripts/test --filter HistoryTests`
@Suite struct HistoryTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let count = environment["TOLLGATE_HISTORIES"].flatMap(UInt64.init) ?? 10_000
    private static let seeds: Range<UInt64> =
        environment["TOLLGATE_HISTORY_SEED"].flatMap(UInt64.init).map { $0..<$0 + 1 } ?? 0..<count

    private static let prices = Dictionary(
        uniqueKeysWithValues: History.prices.map { id, credits in
            (id, Price(credits: credits, unitAmount: History.unitAmounts[id]))
        })

    @Test func `every history ends in the truth, in whatever order and however often its events come`() async {
        var events = 0
        for seed in Self.seeds {
            // Other tests need this thread.
            await Task.yield()
            let history = History(seed: seed)
            events += history.events.count
            guard let problem = Self.problem(history, seed: seed) else { continue }
            let (smallest, its) = Self.shrink(history, problem, seed: seed)
            Issue.record("seed \(seed): \(its)\n\(Self.describe(smallest))")
            return
        }
        print("\(Self.seeds.count) histories with \(events) events ended in the truth")
    }

    /// Missing events about a subscription never block a customer who pays.
    @Test func `who pays is let in, whichever events of the subscription itself are lost`() async throws {
        var payers = 0
        for seed in Self.seeds.prefix(4_000) {
            await Task.yield()
            let history = History(seed: seed)
            var random = SeededRandom(seed)
            let end = history.events.compactMap { $0["created"]?.integer }.max().map(Timestamp.init(seconds:)) ?? t0
            let known = history.events.filter { event in
                event["type"]?.string?.hasPrefix("customer.subscription.") != true || random.one(in: 2)
            }
            let world = try World(known.shuffled(using: &random), prices: Self.prices)
            for customer in history.customers {
                guard let until = history.truth.isPaidUntil(customer), end < until else { continue }
                payers += 1
                let decision = world[customer].decide(at: end, policy: policy)
                #expect(decision.allowed, "seed \(seed): \(customer) is \(decision.reason) until \(until)")
            }
        }
        #expect(payers > 0 || Self.seeds.count < 100)
        print("\(payers) customers who pay are let in")
    }

    /// - Returns: the first difference from the model; nil if there is none.
    private static func problem(_ history: History, seed: UInt64) -> String? {
        var random = SeededRandom(seed)
        let strict = Policy(blocksOnDispute: random.one(in: 2), debts: random.pick(.charged, .all))
        do {
            var world = try World([], policy: strict, prices: Self.prices)
            var now = t0
            var delivered: [JSON] = []
            for event in history.events.shuffled(using: &random) {
                now = now + .seconds(random.within(0...7200))
                try world.take(event, at: now)
                delivered.append(event)
                // A repeated delivery, and one of an older event.
                if random.one(in: 5) { try world.take(event, at: now) }
                if random.one(in: 10), let old = delivered.randomElement(using: &random) {
                    try world.take(old, at: now)
                }
            }
            for customer in history.customers {
                if let problem = problem(world[customer], history.truth, strict, at: now) { return problem }
            }
            return nil
        } catch {
            return "\(error)"
        }
    }

    private static func problem(_ account: Account, _ truth: Truth, _ policy: Policy, at end: Timestamp) -> String? {
        let customer = account.customer
        let credits = truth.credits(of: customer)
        if account.balance.credits != credits {
            return "\(customer) has \(account.balance.credits) credits instead of \(credits)"
        }
        var balance: Int64 = 0
        for (index, entry) in account.balance.newEntries.enumerated() {
            balance += entry.amount
            guard entry.number == Int64(index + 1), entry.balance == balance, entry.amount != 0 else {
                return "\(customer)'s ledger does not add up at \(entry)"
            }
        }
        if balance != credits { return "\(customer)'s ledger sums up to \(balance)" }
        let keys = Set(account.balance.newEntries.map(\.businessKey))
        if keys.count != account.balance.newEntries.count { return "\(customer)'s ledger has a business key twice" }

        let moments = truth.moments(of: customer, gracePeriod: policy.gracePeriod)
        let all = [t0, end] + moments.flatMap { [$0 - .seconds(1), $0, $0 + .seconds(1)] }
        for moment in all {
            let decision = account.decide(at: moment, policy: policy)
            let (reason, until) = truth.answer(
                for: customer, at: moment, gracePeriod: policy.gracePeriod, blocksOnDispute: policy.blocksOnDispute,
                countsMailed: policy.debts == .all)
            guard decision.reason.rawValue == reason, decision.until == until else {
                return "\(customer) at \(moment) is \(decision.reason) until \(decision.until.map { "\($0)" } ?? "-")"
                    + " instead of \(reason) until \(until.map { "\($0)" } ?? "-")"
            }
        }
        // The stored answer is the one that would be decided now.
        if let access = account.access, access.current.decision != account.decide(at: end, policy: policy) {
            return "\(customer)'s stored answer is \(access.current.decision.reason)"
        }
        return nil
    }

    private static func shrink(_ history: History, _ problem: String, seed: UInt64) -> (History, String) {
        var (smallest, its) = (history, problem)
        while let next = smallest.smaller.lazy.compactMap({ history in
            Self.problem(history, seed: seed).map { (history, $0) }
        }).first {
            (smallest, its) = next
        }
        return (smallest, its)
    }

    private static func describe(_ history: History) -> String {
        let events = history.events.map { String(decoding: $0.bytes, as: UTF8.self) }
        return (history.stories.map { "\($0)" } + events).joined(separator: "\n")
    }
}
