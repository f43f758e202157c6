// SPDX-License-Identifier: Apache-2.0

import Notation

/// What is added to the lots, and taken from them.
extension Balance {
    /// Adds credits to where they came from, or takes them from there first if there are less.
    /// - Throws: `BalanceOverflow`; then nothing was done.
    mutating func change(
        by amount: Int64, at source: Source, kind: CreditEntry.Kind, businessKey: String, cause: Cause,
        at now: Timestamp
    ) throws(BalanceOverflow) {
        if amount > 0 {
            try add(amount, to: source, kind: kind, businessKey: businessKey, cause: cause, at: now)
        } else {
            guard amount > .min else { throw BalanceOverflow(customer: customer, amount: amount) }
            try take(-amount, of: source.purchase, kind: kind, businessKey: businessKey, cause: cause, at: now)
        }
    }

    /// Gives credits, or gives them back: they pay a debt first; the rest comes to the lot.
    /// - Throws: `BalanceOverflow`; then nothing was done.
    mutating func add(
        _ amount: Int64, to source: Source, kind: CreditEntry.Kind, businessKey: String, cause: Cause, at now: Timestamp
    ) throws(BalanceOverflow) {
        precondition(amount > 0, "credits that are added are more than none")
        let number = try next(amount)
        let paid = min(debt, amount)
        debt -= paid
        let rest = amount - paid
        let index = place(source, number: number)
        lots[index].remaining += rest
        let lot = lots[index]
        post(
            amount, number, kind, businessKey, cause, lots: rest > 0 ? [lot.id: rest] : [:], expiresAt: lot.expiresAt)
        if let expiresAt = lot.expiresAt { dueAt = min(dueAt ?? expiresAt, expiresAt) }
        lapse(at: now)
    }

    /// Takes credits, whatever there is: from the lots of the purchase that it is about, then from the others in their
    /// order; the rest is owed.
    /// - Throws: `BalanceOverflow`; then nothing was done.
    mutating func take(
        _ amount: Int64, of purchase: String? = nil, kind: CreditEntry.Kind, businessKey: String, cause: Cause,
        at now: Timestamp
    ) throws(BalanceOverflow) {
        precondition(amount > 0, "credits that are taken are more than none")
        let number = try next(-amount)
        var moved: [String: Int64] = [:]
        takeFree(amount, of: purchase, &moved)
        post(-amount, number, kind, businessKey, cause, lots: moved)
        lapse(at: now)
    }

    /// Two purchases turned out to be one: its refunds take from the lots of both.
    mutating func merge(purchase: String, into other: String) {
        for index in lots.indices where lots[index].purchase == purchase { lots[index].purchase = other }
    }

    /// Where credits that are added come to.
    enum Source {
        /// A new lot.
        case grant(expiresAt: Timestamp?)
        /// Its lot, which is new if nothing of it remains.
        case purchase(String, expiresAt: Timestamp?)
        /// A lot that may be spent by now.
        case lot(id: String, kind: Lot.Kind, purchase: String?, expiresAt: Timestamp?)

        var purchase: String? {
            if case .purchase(let id, _) = self { id } else { nil }
        }
    }

    /// Where what a hold took comes back to.
    func source(of part: Hold.Part) -> Source {
        let purchase = part.kind == .purchase ? purchaseOf[part.lot] ?? part.lot : nil
        return .lot(id: part.lot, kind: part.kind, purchase: purchase, expiresAt: part.expiresAt)
    }

    /// - Returns: the index of the lot, which may be new and empty.
    private mutating func place(_ source: Source, number: Int64) -> Int {
        let new: Lot
        switch source {
        case .grant(let expiresAt):
            new = Lot(id: "grant_\(number)", kind: .grant, remaining: 0, expiresAt: expiresAt)
        case .purchase(let id, let expiresAt):
            // Two that turned out to be one may have left two lots.
            let own = lots.indices.filter { lots[$0].purchase == id }
            if let index = own.first(where: { lots[$0].expiresAt == expiresAt }) ?? own.first { return index }
            new = Lot(id: id, kind: .purchase, purchase: id, remaining: 0, expiresAt: expiresAt)
        case .lot(let id, let kind, let purchase, let expiresAt):
            new = Lot(id: id, kind: kind, purchase: purchase, remaining: 0, expiresAt: expiresAt)
        }
        if let index = lots.firstIndex(where: { $0.id == new.id }) { return index }
        lots.append(new)
        return lots.count - 1
    }

    var order: [Int] {
        guard lots.count > 1 else { return Array(lots.indices) }
        return lots.enumerated().sorted {
            Lot.isSpent((age: $0.offset, lot: $0.element), before: (age: $1.offset, lot: $1.element))
        }
        .map(\.offset)
    }

    /// Takes what is free, and owes the rest; without an entry.
    mutating func takeFree(_ amount: Int64, of purchase: String?, _ moved: inout [String: Int64]) {
        guard amount > 0 else { return }
        var left = amount
        let order = order
        let own = purchase.map { purchase in order.filter { lots[$0].purchase == purchase } } ?? []
        for index in own + order where left > 0 {
            let taken = min(lots[index].free, left)
            guard taken > 0 else { continue }
            lots[index].remaining -= taken
            left -= taken
            moved[lots[index].id, default: 0] -= taken
        }
        debt += left
    }

    mutating func giveBack(_ parts: [Hold.Part]) {
        for part in parts { lots[index(of: part)].held -= part.amount }
    }

    /// - Returns: the index of the lot that an open hold keeps some of.
    func index(of part: Hold.Part) -> Int {
        guard let index = lots.firstIndex(where: { $0.id == part.lot }) else {
            preconditionFailure("a lot stays while a hold keeps some of it")
        }
        return index
    }

    /// After a hold has given something back: that pays what is owed, and what belongs to a lot that has lapsed goes. Paying
    /// changes no balance, but the ledger says where a lot's credits went.
    mutating func settleUp(after hold: Hold, at now: Timestamp) {
        var moved: [String: Int64] = [:]
        for index in order where debt > 0 {
            let paid = min(lots[index].free, debt)
            guard paid > 0 else { continue }
            lots[index].remaining -= paid
            debt -= paid
            moved[lots[index].id] = -paid
        }
        if !moved.isEmpty {
            let number = (lastEntry ?? 0) + 1
            post(0, number, .repayment, "repayment:\(customer):\(number)", .hold(hold.id), lots: moved)
        }
        lapse(at: now)
    }

    /// What is free in lots that have lapsed goes.
    mutating func lapse(at now: Timestamp) {
        for index in lots.indices where lots[index].hasLapsed(at: now) && lots[index].free > 0 {
            let (id, lapsed) = (lots[index].id, lots[index].free)
            lots[index].remaining -= lapsed
            // It cannot overflow: what goes was in the balance.
            guard let number = try? next(-lapsed) else { preconditionFailure("what lapses is in the balance") }
            post(-lapsed, number, .expiry, "expiry:\(customer):\(number)", .time, lots: [id: -lapsed])
        }
        lots.removeAll { $0.remaining == 0 }
        assertSound()
    }

    /// The number of the next entry, if the balance can take it.
    func next(_ amount: Int64) throws(BalanceOverflow) -> Int64 {
        let (_, overflow) = credits.addingReportingOverflow(amount)
        // What is owed is at most what the balance is short, and what is held.
        let (_, owesTooMuch) = debt.addingReportingOverflow(max(0, -amount))
        guard !overflow, !owesTooMuch else { throw BalanceOverflow(customer: customer, amount: amount) }
        return (lastEntry ?? 0) + 1
    }

    mutating func post(
        _ amount: Int64, _ number: Int64, _ kind: CreditEntry.Kind, _ businessKey: String, _ cause: Cause,
        lots: [String: Int64], expiresAt: Timestamp? = nil
    ) {
        credits += amount
        lastEntry = number
        newEntries.append(
            CreditEntry(
                number: number, amount: amount, balance: credits, kind: kind, businessKey: businessKey, cause: cause,
                lots: lots, expiresAt: expiresAt))
    }
}
