// SPDX-License-Identifier: Apache-2.0

import Notation

/// What gateways do with a customer's credits.
extension Balance {
    /// - Parameters:
    ///   - denial: why the flag denies at `now`; nil if it allows.
    /// - Returns: what came of it. What is refused leaves no trace.
    package mutating func perform(_ spending: Spending, denial: Reason?, at now: Timestamp) -> SpendingResult {
        elapse(to: now)
        var next = self
        do {
            let result = try next.perform(spending.act, spending.id, denial: denial, at: now)
            self = next
            return result
        } catch let refusal as SpendingRefusal {
            return .refused(refusal)
        } catch {
            return .refused(.overflow)
        }
    }

    private mutating func perform(
        _ act: Spending.Act, _ id: String, denial: Reason?, at now: Timestamp
    ) throws -> SpendingResult {
        switch act {
        case .hold(let terms): return try hold(id, terms, denial: denial, at: now)
        case .debit(let terms): return try debit(id, terms, denial: denial, at: now)
        case .settle, .release, .extend:
            guard var hold = holds[id] else { throw SpendingRefusal.unknownHold }
            switch act {
            case .settle(let amount): try settle(&hold, amount, at: now)
            case .release: try release(&hold, at: now)
            case .extend(let ttl): try extend(&hold, ttl, at: now)
            case .hold, .debit: break
            }
            keep(ifChanged: hold)
            return .hold(hold, credits: credits, available: available, isNew: false)
        }
    }

    private mutating func hold(
        _ id: String, _ terms: Hold.Terms, denial: Reason?, at now: Timestamp
    ) throws -> SpendingResult {
        if let hold = holds[id] {
            guard hold.status == .open else { throw SpendingRefusal.holdResolved }
            guard terms.asksFor(hold.terms) else { throw SpendingRefusal.conflict }
            return .hold(hold, credits: credits, available: available, isNew: false)
        }
        try Self.check(denial)
        let granted = min(terms.amount, available)
        guard granted >= terms.minimum else { throw SpendingRefusal.insufficientCredits(available: available) }
        var parts: [Hold.Part] = []
        var left = granted
        for index in order where left > 0 {
            let amount = min(lots[index].free, left)
            guard amount > 0 else { continue }
            let lot = lots[index]
            lots[index].held += amount
            left -= amount
            parts.append(Hold.Part(lot: lot.id, kind: lot.kind, amount: amount, expiresAt: lot.expiresAt))
        }
        precondition(left == 0, "what is available is free in some lot")
        let hold = Hold(
            id: id, terms: terms, granted: granted, parts: parts, available: available, createdAt: now,
            expiresAt: now + terms.ttl)
        holds[id] = hold
        newHoldIDs.insert(id)
        dueAt = min(dueAt ?? hold.expiresAt, hold.expiresAt)
        return .hold(hold, credits: credits, available: available, isNew: true)
    }

    private mutating func debit(
        _ id: String, _ terms: Debit.Terms, denial: Reason?, at now: Timestamp
    ) throws -> SpendingResult {
        if let debit = debits[id] {
            guard debit.terms == terms else { throw SpendingRefusal.conflict }
            return .debit(debit, isNew: false)
        }
        if !terms.allowsNegative {
            try Self.check(denial)
            guard available >= terms.amount else { throw SpendingRefusal.insufficientCredits(available: available) }
        }
        try take(terms.amount, kind: .debit, businessKey: "debit:\(customer):\(id)", cause: .debit(id), at: now)
        let debit = Debit(id: id, terms: terms, credits: credits, available: available, createdAt: now)
        debits[id] = debit
        newDebitIDs.insert(id)
        return .debit(debit, isNew: true)
    }

    /// Want of credits or of a subscription is no reason to refuse: the credits themselves decide.
    private static func check(_ denial: Reason?) throws(SpendingRefusal) {
        switch denial {
        case nil, .creditsExhausted, .noSubscription, .subscriptionEnded: return
        case let reason?: throw .denied(reason)
        }
    }

    private mutating func settle(_ hold: inout Hold, _ amount: Int64, at now: Timestamp) throws {
        if hold.status == .released { throw SpendingRefusal.holdReleased }
        if hold.status == .settled {
            guard let settlement = hold.settlement else { preconditionFailure("a settled hold says how") }
            guard settlement.isByExpiry else {
                guard settlement.debited == amount else { throw SpendingRefusal.conflict }
                return
            }
        }
        try debit(&hold, amount, at: now)
    }

    /// - Parameter hold: one that no gateway has ended.
    mutating func debit(_ hold: inout Hold, _ amount: Int64, at now: Timestamp) throws(BalanceOverflow) {
        let key = "settlement:\(customer):\(hold.id)"
        switch hold.status {
        case .released: preconditionFailure("nothing is debited from a hold that was given back")
        case .settled:
            guard let settlement = hold.settlement, settlement.isByExpiry else {
                preconditionFailure("a hold is settled once")
            }
            // Its expiry debited all that was granted; only the difference is left to do.
            try correct(hold, by: amount - settlement.debited, businessKey: "\(key):late", at: now)
            finish(&hold, amount, isLate: true, at: now)
        case .expired:
            if amount > 0 { try debitExpired(hold, amount, businessKey: key, at: now) }
            finish(&hold, amount, isLate: true, at: now)
        case .open:
            try debitHeld(hold, amount, businessKey: key, at: now)
            finish(&hold, amount, isLate: false, at: now)
        }
    }

    private func finish(_ hold: inout Hold, _ amount: Int64, isLate: Bool, isByExpiry: Bool = false, at now: Timestamp)
    {
        hold.endedAt = hold.status == .open ? now : hold.endedAt
        hold.status = .settled
        hold.settlement = Hold.Settlement(
            debited: amount, released: max(0, hold.granted - amount), isLate: isLate, isByExpiry: isByExpiry,
            credits: credits, available: available)
    }

    private mutating func release(_ hold: inout Hold, at now: Timestamp) throws {
        switch hold.status {
        case .released, .expired: return
        case .settled: throw SpendingRefusal.holdSettled
        case .open: giveBack(&hold, at: now)
        }
    }

    mutating func giveBack(_ hold: inout Hold, at now: Timestamp) {
        giveBack(hold.parts)
        hold.status = .released
        hold.endedAt = now
        settleUp(after: hold, at: now)
    }

    private mutating func extend(_ hold: inout Hold, _ ttl: Duration, at now: Timestamp) throws(SpendingRefusal) {
        switch hold.status {
        case .settled: throw .holdSettled
        case .released: throw .holdReleased
        case .expired: throw .holdExpired
        case .open: hold.expiresAt = max(hold.expiresAt, now + ttl)
        }
    }

    /// A hold ends that nobody has settled in time.
    mutating func expire(_ due: Hold) {
        var hold = due
        if hold.terms.onExpiry == .settle, (try? settleByExpiry(&hold)) != nil {
            keep(hold)
            return
        }
        // Also where the balance would leave 64 bits: a late settlement then says so.
        giveBack(hold.parts)
        hold.status = .expired
        hold.endedAt = hold.expiresAt
        let entriesBefore = newEntries.count
        settleUp(after: hold, at: hold.expiresAt)
        // All of it came back from this hold: nothing was free in lots that had lapsed before.
        for entry in newEntries[entriesBefore...] where entry.kind == .expiry {
            hold.lapsed.merge(entry.lots.mapValues { -$0 }, uniquingKeysWith: +)
        }
        keep(hold)
    }

    mutating func keep(ifChanged hold: Hold) {
        if hold != holds[hold.id] { keep(hold) }
        // The last hold has ended: nobody need look for what ends by itself.
        if held == 0 { dueAt = lots.compactMap(\.expiresAt).min() }
    }

    private mutating func keep(_ hold: Hold) {
        holds[hold.id] = hold
        changedHoldIDs.insert(hold.id)
    }

    private mutating func settleByExpiry(_ hold: inout Hold) throws(BalanceOverflow) {
        try debitHeld(
            hold, hold.granted, businessKey: "settlement:\(customer):\(hold.id)", at: hold.expiresAt)
        finish(&hold, hold.granted, isLate: false, isByExpiry: true, at: hold.expiresAt)
    }

    /// Debits from what an open hold keeps, then from what is free; gives the rest of the hold back.
    private mutating func debitHeld(
        _ hold: Hold, _ amount: Int64, businessKey: String, at now: Timestamp
    ) throws(BalanceOverflow) {
        let number = amount > 0 ? try next(-amount) : nil
        var moved: [String: Int64] = [:]
        var left = amount
        for part in hold.parts {
            let index = self.index(of: part)
            let used = min(part.amount, left)
            lots[index].held -= part.amount
            lots[index].remaining -= used
            left -= used
            if used > 0 { moved[part.lot, default: 0] -= used }
        }
        takeFree(left, of: nil, &moved)
        if let number { post(-amount, number, .settlement, businessKey, .hold(hold.id), lots: moved) }
        settleUp(after: hold, at: now)
    }

    /// Debits what an expired hold was used for: first what lapsed when it came back, so that nobody loses it twice. The
    /// entry that takes back the lapse keeps the settlements of a hold adding up to what it debited.
    private mutating func debitExpired(
        _ hold: Hold, _ amount: Int64, businessKey: String, at now: Timestamp
    ) throws(BalanceOverflow) {
        var left = amount
        var revived: [String: Int64] = [:]
        for part in hold.parts {
            let used = min(hold.lapsed[part.lot] ?? 0, left)
            guard used > 0 else { continue }
            revived[part.lot] = used
            left -= used
        }
        if left < amount {
            let number = try next(amount - left)
            post(amount - left, number, .expiry, "\(businessKey):lapsed", .hold(hold.id), lots: revived)
        }
        let number = try next(-amount)
        var moved = revived.mapValues { -$0 }
        takeFree(left, of: nil, &moved)
        post(-amount, number, .settlement, businessKey, .hold(hold.id), lots: moved)
        settleUp(after: hold, at: now)
    }

    /// A settlement after the hold's expiry debited all of it.
    /// - Parameter difference: what was used beyond that; below zero what was not used.
    private mutating func correct(
        _ hold: Hold, by difference: Int64, businessKey: String, at now: Timestamp
    ) throws(BalanceOverflow) {
        guard difference < 0 else {
            if difference > 0 {
                try take(
                    difference, kind: .settlement, businessKey: businessKey, cause: .hold(hold.id), at: now)
            }
            return
        }
        // What would have been debited last comes back first; each lot's part is an entry of its own.
        var left = -difference
        for (index, part) in hold.parts.enumerated().reversed() where left > 0 {
            let amount = min(part.amount, left)
            left -= amount
            try add(
                amount, to: source(of: part), kind: .settlement,
                businessKey: index == 0 ? businessKey : "\(businessKey):\(index)",
                cause: .hold(hold.id), at: now)
        }
    }
}
