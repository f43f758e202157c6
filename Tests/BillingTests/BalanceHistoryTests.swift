// SPDX-License-Identifier: Apache-2.0

import Notation
import TestSupport
import Testing

@testable import Billing

/// Random histories of one customer's credits, against a model that counts single credits.
@Suite struct BalanceHistoryTests {
    /// One history: what is asked, and what came of it in both.
    private struct History {
        private var random: SeededRandom
        private var balance = Balance(customer: "cus_1")
        private var model = BalanceModel()
        private var now = t0
        /// How much of each purchase was given, so that no more is taken back.
        private var given: [String: Int64] = [:]
        private var ids: [String] = []
        private(set) var steps: [String] = []

        init(seed: UInt64) { random = SeededRandom(seed) }

        /// - Returns: what went wrong.
        mutating func play(_ count: Int) throws -> String? {
            for _ in 0..<count {
                now = now + Int64.random(in: 0...3, using: &random)
                try step()
                if let fault = difference() { return fault }
                // A process that dies between two requests loses nothing but what is in memory.
                if Int.random(in: 0..<8, using: &random) == 0 { reload() }
            }
            return ledgerFault()
        }

        private mutating func step() throws {
            switch Int.random(in: 0..<10, using: &random) {
            case 0: try give()
            case 1: try takeBack()
            case 2: elapse()
            default: perform()
            }
        }

        private mutating func give() throws {
            let amount = Int64.random(in: 1...12, using: &random)
            let expiresAt = Bool.random(using: &random) ? nil : now + Int64.random(in: 1...20, using: &random)
            let purchase = "pi_\(Int.random(in: 1...3, using: &random))"
            // A purchase's end is fixed by its first entry.
            let source: Balance.Source =
                Bool.random(using: &random)
                ? .grant(expiresAt: expiresAt) : .purchase(purchase, expiresAt: purchase == "pi_3" ? t0 + 30 : nil)
            if let id = source.purchase { given[id, default: 0] += amount }
            steps.append("\(now): give \(amount) to \(source)")
            elapse()
            model.give(Int(amount), source, entry: (balance.lastEntry ?? 0) + 1, at: now)
            try balance.change(
                by: amount, at: source, kind: .topUp, businessKey: "give:\(steps.count)", cause: .event("evt_1"),
                at: now)
        }

        /// A refund, a dispute, or an operator's negative grant.
        private mutating func takeBack() throws {
            elapse()
            // What has lapsed of a purchase is not taken back.
            let lapsed = lapsed
            let refundable = given.merging(lapsed.filter { given[$0.key] != nil }) { $0 - $1 }.filter { $0.value > 0 }
            let purchase = Bool.random(using: &random) ? refundable.keys.sorted().randomElement(using: &random) : nil
            let amount = Int64.random(in: 1...(purchase.flatMap { refundable[$0] } ?? 8), using: &random)
            if let purchase { given[purchase, default: 0] -= amount }
            steps.append("\(now): take \(amount) of \(purchase ?? "all")")
            model.take(Int(amount), of: purchase, at: now)
            let source: Balance.Source = purchase.map { .purchase($0, expiresAt: nil) } ?? .grant(expiresAt: nil)
            try balance.change(
                by: -amount, at: source, kind: .refund, businessKey: "take:\(steps.count)", cause: .event("evt_1"),
                at: now)
        }

        private mutating func elapse() {
            steps.append("\(now): elapse")
            balance.elapse(to: now)
            balance.expectHolds(endingFrom: nil, at: now)
            model.elapse(to: now)
        }

        private mutating func perform() {
            let known = ids.randomElement(using: &random)
            let id = known.flatMap { Int.random(in: 0..<4, using: &random) > 0 ? $0 : nil } ?? "id_\(ids.count)"
            let amount = Int64.random(in: 1...10, using: &random)
            let terms = Hold.Terms(
                amount: amount, minimum: Bool.random(using: &random) ? 1 : nil,
                ttl: .seconds(Int64.random(in: 1...12, using: &random)),
                onExpiry: Bool.random(using: &random) ? .settle : .release)
            let act: Spending.Act =
                switch Int.random(in: 0..<8, using: &random) {
                case 0...2: .hold(terms)
                case 3, 4: .settle(amount: amount - 1)
                case 5: .release
                case 6: .extend(ttl: terms.ttl)
                default: .debit(Debit.Terms(amount: amount, allowsNegative: Bool.random(using: &random)))
                }
            if !ids.contains(id) { ids.append(id) }
            let denial: Reason? = Int.random(in: 0..<12, using: &random) == 0 ? .disputed : nil
            let spending = Spending(customer: "cus_1", id: id, act)
            // Whoever repeats a request gets the same answer, and nothing happens.
            for attempt in 1...Int.random(in: 1...2, using: &random) {
                let before = (balance.credits, balance.lots, balance.debt)
                steps.append("\(now): \(id) \(act), attempt \(attempt)")
                let wanted = model.perform(spending, denial: denial, at: now)
                let result = balance.perform(spending, denial: denial, at: now)
                balance.expectHolds(endingFrom: nil, at: now)
                let isDone = if case .refused = result { false } else { true }
                if isDone != wanted { steps.append("the model says \(wanted), the balance \(result)") }
                if attempt == 2, wanted, before != (balance.credits, balance.lots, balance.debt) {
                    steps.append("the repeated request changed something")
                }
            }
        }

        /// As if it were saved and loaded.
        private mutating func reload() {
            var loaded = Balance(
                customer: balance.customer, credits: balance.credits, lastEntry: balance.lastEntry, lots: balance.lots,
                debt: balance.debt, dueAt: balance.dueAt, holds: Array(balance.holds.values),
                debits: Array(balance.debits.values))
            swap(&loaded, &balance)
            ledger += loaded.newEntries
        }

        private var ledger: [CreditEntry] = []

        /// How much of each lot has lapsed, as the ledger says.
        private var lapsed: [String: Int64] {
            (ledger + balance.newEntries).filter { $0.kind == .expiry }.flatMap(\.lots)
                .reduce(into: [:]) { $0[$1.key, default: 0] -= $1.value }
        }

        private func difference() -> String? {
            if let word = steps.last, word.hasPrefix("the ") { return word }
            if balance.credits != Int64(model.credits) { return "\(balance.credits) credits, not \(model.credits)" }
            if balance.available != Int64(model.available) {
                return "\(balance.available) available, not \(model.available)"
            }
            let lots = model.lots.map {
                Lot(
                    id: $0.id, kind: $0.kind, purchase: $0.purchase, remaining: Int64($0.free + $0.heldBy.count),
                    held: Int64($0.heldBy.count), expiresAt: $0.expiresAt)
            }
            if balance.lots != lots { return "\(balance.lots), not \(lots)" }
            for (id, hold) in balance.holds
            where hold.status != model.holds[id]?.status
                || hold.settlement?.debited != model.holds[id]?.debited.map(Int64.init)
            {
                return "\(hold), not \(model.holds[id] as Any)"
            }
            return nil
        }

        private func ledgerFault() -> String? {
            let entries = ledger + balance.newEntries
            if entries.reduce(0, { $0 + $1.amount }) != balance.credits { return "the ledger does not add up" }
            if entries.map(\.number) != Array(1..<Int64(entries.count + 1)) { return "the ledger has a gap" }
            if Set(entries.map(\.businessKey)).count != entries.count { return "a business key is there twice" }
            for (id, hold) in balance.holds {
                let debited = entries.filter { $0.kind == .settlement && $0.cause == .hold(id) }.reduce(0) {
                    $0 - $1.amount
                }
                if debited != hold.settlement?.debited ?? 0 { return "the settlements of \(hold) debit \(debited)" }
            }
            // The ledger says where every credit of a lot went.
            var lots: [String: Int64] = [:]
            for (lot, amount) in entries.flatMap(\.lots) { lots[lot, default: 0] += amount }
            let remaining = Dictionary(uniqueKeysWithValues: balance.lots.map { ($0.id, $0.remaining) })
            if lots.filter({ $0.value != 0 }) != remaining { return "the ledger leaves \(lots), not \(remaining)" }
            let gone = lapsed.filter { $0.value != 0 }
            let wanted = model.lapsed.filter { $0.value != 0 }.mapValues(Int64.init)
            if gone != wanted { return "the ledger says that \(gone) have lapsed, not \(wanted)" }
            return nil
        }
    }

    @Test(arguments: 0..<20) func `random histories end as the model says, to the credit`(_ part: UInt64) throws {
        for seed in (part * 600)..<(part * 600 + 600) {
            var history = History(seed: seed)
            if let fault = try history.play(25) {
                Issue.record("seed \(seed): \(fault)\n\(history.steps.suffix(12).joined(separator: "\n"))")
                return
            }
        }
    }
}
