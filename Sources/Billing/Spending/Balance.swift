// SPDX-License-Identifier: Apache-2.0

import Notation

/// One customer's credits: what came as lots, what holds keep of them, what is owed, and the ledger that explains it.
/// Always `credits` = all that remains in the lots − `debt`; and while something is owed, nothing is free.
package struct Balance: Sendable, Hashable {
    package let customer: String
    /// The sum of all ledger entries.
    package internal(set) var credits: Int64
    /// The number of the last ledger entry; nil if the ledger is empty.
    package internal(set) var lastEntry: Int64?
    /// Those with something left, the oldest first.
    package internal(set) var lots: [Lot]
    /// What was taken beyond what there was: whatever is added pays it first.
    package internal(set) var debt: Int64
    /// When something here may change with time alone: never later than the first lot lapses or hold ends by itself. Nil
    /// if nothing does.
    package internal(set) var dueAt: Timestamp?
    /// Only those that are loaded: the ones that requests name, and those that have ended by themselves.
    package internal(set) var holds: [String: Hold]
    /// Only those that requests name.
    package internal(set) var debits: [String: Debit]
    /// The purchases that lots belong to which may have been spent, where that is known and not their own id.
    private(set) var purchaseOf: [String: String] = [:]

    /// What is not saved yet.
    package internal(set) var newEntries: [CreditEntry] = []
    var newHoldIDs: Set<String> = []
    var changedHoldIDs: Set<String> = []
    var newDebitIDs: Set<String> = []

    package init(
        customer: String, credits: Int64 = 0, lastEntry: Int64? = nil, lots: [Lot] = [], debt: Int64 = 0,
        dueAt: Timestamp? = nil, holds: [Hold] = [], debits: [Debit] = []
    ) {
        self.customer = customer
        self.credits = credits
        self.lastEntry = lastEntry
        self.lots = lots
        self.debt = debt
        self.dueAt = dueAt
        self.holds = Dictionary(holds.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
        self.debits = Dictionary(debits.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
        assertSound()
    }

    // MARK: What there is

    /// What holds keep.
    package var held: Int64 { lots.reduce(0) { $0 + $1.held } }

    /// What can be spent or held, once what is due is done: below zero if more is owed than remains.
    package var available: Int64 { credits - held }

    /// The lots in the order in which they are spent.
    package var lotsInOrder: [Lot] { order.map { lots[$0] } }

    /// How long there is something to spend if nothing else happens; nil if there is nothing.
    package func coverage(at now: Timestamp) -> Coverage? {
        let lasting = lots.filter { !$0.hasLapsed(at: now) }
        // Nothing that remains can overflow: with a debt, all of it is held.
        var left = lasting.reduce(-debt) { $0 + $1.remaining }
        guard left > 0 else { return nil }
        let lapsing = lasting.compactMap { lot in lot.expiresAt.map { (at: $0, credits: lot.remaining) } }
        for (at, credits) in lapsing.sorted(by: { $0.at < $1.at }) {
            left -= credits
            if left <= 0 { return .until(at) }
        }
        return .openEnded
    }

    /// When the first lot lapses of which something is free; nil if none does.
    package var lapsesAt: Timestamp? { lots.lazy.filter { $0.free > 0 }.compactMap(\.expiresAt).min() }

    // MARK: What is loaded and saved

    package mutating func know(_ loaded: [Hold]) {
        for hold in loaded where holds[hold.id] == nil { holds[hold.id] = hold }
    }

    package mutating func know(_ loaded: Debit) {
        debits[loaded.id] = loaded
    }

    /// - Parameter purchases: by the lot's id.
    package mutating func know(purchases: [String: String]) {
        purchaseOf.merge(purchases) { $1 }
    }

    package var newHolds: [Hold] { newHoldIDs.sorted().compactMap { holds[$0] } }
    package var changedHolds: [Hold] { changedHoldIDs.subtracting(newHoldIDs).sorted().compactMap { holds[$0] } }
    package var newDebits: [Debit] { newDebitIDs.sorted().compactMap { debits[$0] } }

    // MARK: Time

    /// Does what is due at `now`, in the order of time: what lapses goes, and holds end that nobody has settled.
    package mutating func elapse(to now: Timestamp) {
        guard let due = dueAt, due <= now else { return }
        let ended = holds.values.filter { $0.isDue(at: now) }
        for hold in ended.sorted(by: { ($0.expiresAt, $0.id) < ($1.expiresAt, $1.id) }) {
            lapse(at: hold.expiresAt)
            expire(hold)
        }
        lapse(at: now)
    }

    /// Says when the first hold that is not loaded ends by itself, as the database knows it once those due are loaded.
    package mutating func expectHolds(endingFrom next: Timestamp?, at now: Timestamp) {
        let lapses = lots.compactMap(\.expiresAt).filter { $0 > now }
        let ends = holds.values.filter { $0.status == .open && $0.expiresAt > now }.map(\.expiresAt)
        dueAt = (lapses + ends + [next].compactMap(\.self)).min()
    }

    /// It would cost money: so nothing is done at all.
    func assertSound() {
        var remaining: Int64 = 0
        var free: Int64 = 0
        for lot in lots {
            precondition(0 <= lot.held && lot.held <= lot.remaining, "a lot cannot hold more than it has")
            remaining += lot.remaining
            free += lot.free
        }
        precondition(debt >= 0 && credits == remaining - debt, "the balance is what remains in the lots, less the debt")
        precondition(debt == 0 || free == 0, "nothing is free while something is owed")
    }
}
