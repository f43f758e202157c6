// SPDX-License-Identifier: Apache-2.0

import Notation

@testable import Billing

/// What credits do, told as plainly as can be: every single credit is an element of its own, with no sums kept. Slow, and
/// written without a look at `Balance`.
struct BalanceModel {
    struct Lot {
        let id: String
        let kind: Billing.Lot.Kind
        let purchase: String?
        let expiresAt: Timestamp?
        var free = 0
        /// By hold, one element for each credit.
        var heldBy: [String] = []
    }

    struct Hold {
        let terms: Billing.Hold.Terms
        let granted: Int
        /// The lot of each credit, in the order of spending.
        var lots: [Lot] = []
        var expiresAt: Timestamp
        var status = Billing.Hold.Status.open
        var debited: Int?
        var isByExpiry = false
        /// The lot of each credit that lapsed because it expired.
        var lapsed: [String] = []
    }

    private(set) var lots: [Lot] = []
    private(set) var debt = 0
    private(set) var holds: [String: Hold] = [:]
    private(set) var debits: [String: Billing.Debit.Terms] = [:]
    /// How much of each lot has lapsed, and was not debited after all.
    private(set) var lapsed: [String: Int] = [:]

    var credits: Int { lots.reduce(0) { $0 + $1.free + $1.heldBy.count } - debt }
    var available: Int { lots.reduce(0) { $0 + $1.free } - debt }

    // MARK: What an account does

    mutating func give(_ amount: Int, _ source: Balance.Source, entry: Int64, at now: Timestamp) {
        elapse(to: now)
        let (id, kind, purchase, expiresAt): (String, Billing.Lot.Kind, String?, Timestamp?) =
            switch source {
            case .grant(let expiresAt): ("grant_\(entry)", .grant, nil, expiresAt)
            case .purchase(let id, let expiresAt): (id, .purchase, id, expiresAt)
            case .lot(let id, let kind, let purchase, let expiresAt): (id, kind, purchase, expiresAt)
            }
        if !lots.contains(where: { $0.id == id }) {
            lots.append(Lot(id: id, kind: kind, purchase: purchase, expiresAt: expiresAt))
        }
        for _ in 0..<amount { giveOne(to: id) }
        tidy(at: now)
    }

    mutating func take(_ amount: Int, of purchase: String? = nil, at now: Timestamp) {
        elapse(to: now)
        for _ in 0..<amount { takeOne(of: purchase) }
        tidy(at: now)
    }

    mutating func perform(_ spending: Spending, denial: Reason?, at now: Timestamp) -> Bool {
        elapse(to: now)
        defer { tidy(at: now) }
        switch spending.act {
        case .hold(let terms):
            if let hold = holds[spending.id] { return hold.status == .open && hold.terms == terms }
            let granted = min(Int(terms.amount), available)
            guard denial == nil, granted >= Int(terms.minimum) else { return false }
            var hold = Hold(terms: terms, granted: granted, expiresAt: now + terms.ttl)
            for _ in 0..<granted {
                guard let index = nextLot() else { return false }
                lots[index].free -= 1
                lots[index].heldBy.append(spending.id)
                hold.lots.append(lots[index])
            }
            holds[spending.id] = hold
            return true
        case .debit(let terms):
            if let earlier = debits[spending.id] { return earlier == terms }
            if !terms.allowsNegative {
                guard denial == nil, available >= Int(terms.amount) else { return false }
            }
            for _ in 0..<terms.amount { takeOne(of: nil) }
            debits[spending.id] = terms
            return true
        case .settle(let amount): return settle(spending.id, Int(amount))
        case .release:
            switch holds[spending.id]?.status {
            case .open: end(spending.id, .released, using: 0)
            case .released, .expired: break
            case .settled, nil: return false
            }
            return true
        case .extend(let ttl):
            guard let hold = holds[spending.id], hold.status == .open else { return false }
            holds[spending.id]?.expiresAt = max(hold.expiresAt, now + ttl)
            return true
        }
    }

    private mutating func settle(_ id: String, _ amount: Int) -> Bool {
        guard let hold = holds[id] else { return false }
        switch hold.status {
        case .open: end(id, .settled, using: amount)
        case .expired:
            // What lapsed with the hold is debited first: it is gone already.
            let gone = hold.lapsed.prefix(amount)
            for lot in gone { lapsed[lot, default: 0] -= 1 }
            for _ in gone.count..<max(gone.count, amount) { takeOne(of: nil) }
            holds[id]?.status = .settled
            holds[id]?.debited = amount
        case .settled where hold.isByExpiry:
            let all = hold.debited ?? 0
            if amount > all { for _ in all..<amount { takeOne(of: nil) } }
            // What would have been taken last comes back first.
            if amount < all {
                for lot in hold.lots[amount..<all].reversed() {
                    if !lots.contains(where: { $0.id == lot.id }) {
                        lots.append(
                            Lot(
                                id: lot.id, kind: lot.kind, purchase: lot.kind == .purchase ? lot.id : nil,
                                expiresAt: lot.expiresAt))
                    }
                    giveOne(to: lot.id)
                }
            }
            holds[id]?.debited = amount
            holds[id]?.isByExpiry = false
        case .settled: return hold.debited == amount
        case .released: return false
        }
        return true
    }

    // MARK: Credits, one by one

    private mutating func giveOne(to id: String) {
        if debt > 0 {
            debt -= 1
        } else if let index = lots.firstIndex(where: { $0.id == id }) {
            lots[index].free += 1
        }
    }

    private mutating func takeOne(of purchase: String?) {
        if let index = nextLot(of: purchase) ?? nextLot() { lots[index].free -= 1 } else { debt += 1 }
    }

    /// The lot that is spent next.
    private func nextLot(of purchase: String? = nil) -> Int? {
        let candidates = lots.indices.filter {
            lots[$0].free > 0 && (purchase == nil || lots[$0].purchase == purchase)
        }
        return candidates.min { one, other in
            let (a, b) = (lots[one], lots[other])
            let (ends, others) = (a.expiresAt?.microseconds ?? .max, b.expiresAt?.microseconds ?? .max)
            if ends != others { return ends < others }
            if a.kind != b.kind { return a.kind == .grant }
            return one < other
        }
    }

    /// A hold that was open ends; of what it kept, some is used, and the rest comes back.
    private mutating func end(_ id: String, _ status: Billing.Hold.Status, using amount: Int) {
        guard let hold = holds[id] else { return }
        for (count, lot) in hold.lots.enumerated() {
            guard let index = lots.firstIndex(where: { $0.id == lot.id }),
                let kept = lots[index].heldBy.firstIndex(of: id)
            else { continue }
            lots[index].heldBy.remove(at: kept)
            if count >= amount { lots[index].free += 1 }
        }
        if amount > hold.granted { for _ in hold.granted..<amount { takeOne(of: nil) } }
        holds[id]?.status = status
        if status == .settled { holds[id]?.debited = amount }
    }

    // MARK: Time

    mutating func elapse(to now: Timestamp) {
        while let next = holds.filter({ $0.value.status == .open && $0.value.expiresAt <= now })
            .min(by: { ($0.value.expiresAt, $0.key) < ($1.value.expiresAt, $1.key) })
        {
            tidy(at: next.value.expiresAt)
            switch next.value.terms.onExpiry {
            case .release:
                end(next.key, .expired, using: 0)
                let before = lapsed
                tidy(at: next.value.expiresAt)
                var left = lapsed.merging(before) { $0 - $1 }
                for lot in next.value.lots where (left[lot.id] ?? 0) > 0 {
                    left[lot.id, default: 0] -= 1
                    holds[next.key]?.lapsed.append(lot.id)
                }
            case .settle:
                end(next.key, .settled, using: next.value.granted)
                holds[next.key]?.isByExpiry = true
            }
            tidy(at: next.value.expiresAt)
        }
        tidy(at: now)
    }

    /// What has become free pays what is owed; what is left in lots that have lapsed is gone.
    private mutating func tidy(at now: Timestamp) {
        while debt > 0, let index = nextLot() {
            lots[index].free -= 1
            debt -= 1
        }
        for index in lots.indices where lots[index].expiresAt.map({ $0 <= now }) ?? false {
            if lots[index].free > 0 { lapsed[lots[index].id, default: 0] += lots[index].free }
            lots[index].free = 0
        }
        lots.removeAll { $0.free == 0 && $0.heldBy.isEmpty }
    }
}
