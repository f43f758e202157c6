// SPDX-License-Identifier: Apache-2.0

import Notation

/// The accounts and purchases that some events concern: facts go in; changed accounts, ledger entries and answers come
/// out. Values only: what is not needed is dropped, and a failed event leaves no trace.
package struct Books: Sendable, Hashable {
    package private(set) var accounts: [String: Account] = [:]
    /// By id.
    package private(set) var purchases: [String: Purchase]
    /// The purchases that turned out to be part of another one, mapped to that one.
    package private(set) var merged: [String: String] = [:]
    /// How many ledger entries each of those had.
    package private(set) var entriesOfMerged: [String: Int64] = [:]
    /// Which purchase each object belongs to.
    private var purchaseOf: [String: String]
    /// By the saved ledgers of the open accounts.
    private var losses = PurchaseLosses()
    /// Whether some balance is so large (beyond half of 64 bits) that an event may overflow it. Below that, a purchase
    /// of the most allowed, 10^15 credits, would have to be applied 4,600 times.
    private var mayOverflow = false

    /// - Parameters:
    ///   - purchases: those known for the objects that the facts name.
    ///   - purchaseOf: the id of the purchase that each such object belongs to.
    package init(purchases: [Purchase] = [], purchaseOf: [String: String] = [:]) {
        self.purchases = Dictionary(purchases.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
        self.purchaseOf = purchaseOf
    }

    /// The customers whose accounts must be opened before these facts are applied, in any order.
    package func customers(concernedBy facts: some Sequence<Fact>) -> Set<String> {
        var rehearsal = self
        var customers: Set<String> = []
        for fact in facts {
            switch fact {
            case .invoice(let customer, _, _), .subscription(let customer, _, _), .customerDeleted(let customer):
                customers.insert(customer)
            case .purchase(let news):
                let id = rehearsal.join(news)
                customers.formUnion(rehearsal.purchases[id]?.facts.customers ?? [])
                customers.formUnion(rehearsal.purchases[id]?.credited.keys.map(\.self) ?? [])
            }
        }
        return customers
    }

    package mutating func open(_ opened: some Sequence<Account>, losses: PurchaseLosses = PurchaseLosses()) {
        self.losses.merge(losses)
        for account in opened {
            accounts[account.customer] = account
            if account.balance.credits.magnitude > Int64.max.magnitude / 2 { mayOverflow = true }
        }
    }

    /// Takes in what one event says, and decides again for everyone it concerns. Idempotent, and independent of the
    /// order of events: the accounts and balances end up the same.
    /// - Parameter created: when the event happened at Stripe: credits that lapse do so after that.
    /// - Throws: `BalanceOverflow`; then nothing of the event was taken in.
    package mutating func apply(
        _ facts: [Fact],
        event: String,
        created: Timestamp,
        at now: Timestamp,
        policy: Policy
    ) throws(BalanceOverflow) {
        // A copy is as expensive as the books are large, so it is made only if it may be needed.
        let before = mayOverflow ? self : nil
        do {
            var concerned: Set<String> = []
            let expiry = policy.creditsExpiry.map { created + $0 }
            for fact in facts { concerned.formUnion(try apply(fact, event: event, expiry: expiry, at: now)) }
            for customer in concerned {
                accounts[customer]?.decideAnew(at: now, policy: policy, cause: .event(event))
            }
        } catch {
            if let before { self = before }
            throw error
        }
    }

    /// Takes in an operator's assignment of the purchase that an object belongs to. The accounts of
    /// `customers(concernedBy:and:)` must be open.
    /// - Throws: `BalanceOverflow`; then nothing was taken in.
    package mutating func assign(
        _ object: String,
        _ assignment: PurchaseFacts.Assignment,
        at now: Timestamp,
        policy: Policy
    ) throws(BalanceOverflow) {
        let before = self
        let id = purchaseOf[object] ?? object
        let dueBefore = due(of: [id])
        purchases[id]?.facts.assignment = assignment
        let cause = Cause.operator(assignment.operator, note: assignment.reason)
        do {
            let expiry = policy.creditsExpiry.map { now + $0 }
            for customer in try settle(
                id, news: PurchaseFacts(), dueBefore: dueBefore, cause: cause, expiry: expiry, at: now)
            {
                accounts[customer]?.decideAnew(at: now, policy: policy, cause: cause)
            }
        } catch {
            self = before
            throw error
        }
    }

    /// Decides again what a purchase gives, because something of it has lapsed, or no longer counts as lapsed, since credits
    /// were taken back. The accounts of `customers(concernedBy:and:)` must be open. A balance that would overflow stays.
    /// - Parameter customer: whose lot it was: who has it now or had it before.
    package mutating func recheck(_ object: String, of customer: String, at now: Timestamp, policy: Policy) {
        let (before, id) = (self, purchaseOf[object] ?? object)
        do {
            for customer in try settle(
                id, news: nil, dueBefore: due(of: [id]), also: customer, cause: .time, expiry: nil, at: now)
            {
                accounts[customer]?.decideAnew(at: now, policy: policy, cause: .time)
            }
        } catch {
            self = before
        }
    }

    /// The purchase that an object belongs to.
    package func purchase(of object: String) -> Purchase? { purchases[purchaseOf[object] ?? object] }

    /// The customers whose accounts must be opened before the purchase of this object is assigned to one or rechecked for one.
    package func customers(concernedBy object: String, and customer: String) -> Set<String> {
        guard let purchase = purchase(of: object) else { return [] }
        return purchase.facts.customers.union(purchase.credited.keys).union([customer])
    }

    /// - Returns: the customers whose accounts it concerns.
    private mutating func apply(
        _ fact: Fact, event: String, expiry: Timestamp?, at now: Timestamp
    ) throws(BalanceOverflow) -> Set<String> {
        switch fact {
        case .invoice(let customer, let invoice, let subscription):
            accounts[customer]?.take(invoice, of: subscription)
            return [customer]
        case .subscription(let customer, let subscription, let failed):
            accounts[customer]?.take(subscription, failed: failed)
            return [customer]
        case .customerDeleted(let customer):
            accounts[customer]?.delete()
            return [customer]
        case .purchase(let news):
            let dueBefore = due(of: Set(news.parts.keys.map { purchaseOf[$0] ?? $0 }))
            return try settle(
                join(news), news: news, dueBefore: dueBefore, cause: .event(event), expiry: expiry, at: now)
        }
    }

    /// What purchases should give by what is known so far, by customer.
    private func due(of ids: Set<String>) -> [String: Int64] {
        var due: [String: Int64] = [:]
        for facts in ids.compactMap({ purchases[$0]?.facts }) {
            if let customer = facts.customer { due[customer, default: 0] += facts.creditsDue }
        }
        return due
    }

    /// Merges the purchases that the named objects belong to into one.
    private mutating func join(_ news: PurchaseFacts) -> String {
        var joined: [String: Purchase] = [:]
        for object in news.parts.keys {
            let id = purchaseOf[object] ?? object
            joined[id] = purchases[id] ?? Purchase(id: id)
        }
        guard var purchase = joined.values.min(by: { $0.stays(before: $1, news) }) else {
            preconditionFailure("a purchase is told of by at least one of its objects")
        }
        for other in joined.values where other.id != purchase.id {
            purchase.absorb(other)
            purchases[other.id] = nil
            merged[other.id] = purchase.id
            entriesOfMerged[other.id] = other.entries
        }
        purchase.facts.merge(news)
        if joined.count > 1 { purchase.excess = purchase.excess(of: Array(joined.values)) }
        purchases[purchase.id] = purchase
        for object in purchase.facts.parts.keys { purchaseOf[object] = purchase.id }
        return purchase.id
    }

    /// The ledger gets the difference between what the purchase should give now and what it has given so far, and the
    /// account learns of its open disputes.
    /// - Parameters:
    ///   - news: what is told of it; nil if only time has passed.
    ///   - dueBefore: what it should have given before, by customer.
    ///   - formerCustomer: somebody else whom it concerns.
    ///   - expiry: when its credits lapse if this is the first that is applied of it.
    private mutating func settle(
        _ id: String,
        news: PurchaseFacts?,
        dueBefore: [String: Int64],
        also formerCustomer: String? = nil,
        cause: Cause,
        expiry: Timestamp?,
        at now: Timestamp
    ) throws(BalanceOverflow) -> Set<String> {
        guard var purchase = purchases[id] else { return [] }
        let owner = purchase.facts.customer
        let concerned = purchase.facts.customers.union(purchase.credited.keys).union(
            [formerCustomer].compactMap(\.self))
        for customer in concerned.sorted() {
            for (former, root) in merged where root == id {
                accounts[customer]?.balance.merge(purchase: former, into: id)
            }
            let lapsed = self.lapsed(of: purchase, at: customer)
            let isOwner = customer == owner
            let known = isOwner ? purchase.credited[customer] : nil
            let credited = known ?? posted(of: purchase, at: customer)
            // What has lapsed is gone already: it counts as the first that is taken back. So it matters to nobody whether
            // something lapses before a refund or after it. With who had it before, only what has lapsed stays.
            let (bought, wanted) = isOwner ? (purchase.facts.credits ?? 0, purchase.facts.creditsDue) : (0, 0)
            var due = isOwner ? min(max(bought + purchase.excess, credited), wanted + lapsed) : lapsed
            let amount = due - credited
            if amount != 0 {
                if purchase.entries == 0 { purchase.expiresAt = expiry }
                // What came from other lots must not lapse with this purchase when it is given back.
                let elsewhere = min(max(0, amount), takenElsewhere(of: purchase, at: customer))
                var own = amount - elsewhere
                // To a lot that has lapsed comes only what is really given back: it may pay a debt from before.
                if purchase.expiresAt.map({ $0 <= now }) ?? false {
                    own = min(own, max(0, wanted - (dueBefore[customer] ?? 0)))
                }
                let parts: [(Int64, Balance.Source)] = [
                    (elsewhere, .grant(expiresAt: nil)), (own, .purchase(id, expiresAt: purchase.expiresAt)),
                ]
                due = credited + elsewhere + own
                for (amount, source) in parts where amount != 0 {
                    purchase.entries += 1
                    try accounts[customer]?.balance.change(
                        by: amount,
                        at: source,
                        kind: news.map { CreditEntry.Kind(amount, news: $0) } ?? .correction,
                        businessKey: "purchase:\(id):\(purchase.entries)",
                        cause: cause,
                        at: now
                    )
                }
            }
            purchase.credited[customer] = isOwner || due > 0 ? due : nil
            if isOwner { purchase.excess = max(purchase.excess, due - bought) }
            if purchase.facts.credits != nil { accounts[customer]?.hasPurchased = true }
            accounts[customer]?.openDisputes.subtract(purchase.facts.disputes.keys)
            if isOwner { accounts[customer]?.openDisputes.formUnion(purchase.facts.openDisputes) }
        }
        purchases[id] = purchase
        return concerned
    }

    /// What has lapsed of a purchase that may lapse, and was not debited after all.
    private func lapsed(of purchase: Purchase, at customer: String) -> Int64 {
        guard purchase.expiresAt != nil else { return 0 }
        return gone(from: Self.lots(of: purchase), at: customer, by: .expiry, losses.lapsed)
    }

    /// What has been taken of a purchase that may lapse from other lots or as debt, and not been given back. A debt that its
    /// own lots have paid since, by what came back of a hold, was not taken elsewhere after all.
    private func takenElsewhere(of purchase: Purchase, at customer: String) -> Int64 {
        guard purchase.expiresAt != nil, let account = accounts[customer] else { return 0 }
        let lots = Self.lots(of: purchase)
        let saved = losses.takenElsewhere[customer]?[purchase.id] ?? 0
        let taken = account.balance.newEntries.lazy.filter { Self.isEntry($0, of: lots) }
            .reduce(saved) { $0 - ($1.amount - Self.change(in: lots, by: $1)) }
        return max(0, taken - gone(from: lots, at: customer, by: .repayment, losses.repaid))
    }

    /// The sum of a purchase's entries at a customer.
    private func posted(of purchase: Purchase, at customer: String) -> Int64 {
        guard purchase.expiresAt != nil else { return purchase.credited[customer] ?? 0 }
        let lots = Self.lots(of: purchase)
        let entries = accounts[customer]?.balance.newEntries ?? []
        return entries.lazy.filter { Self.isEntry($0, of: lots) }
            .reduce(losses.posted[customer]?[purchase.id] ?? 0) { $0 + $1.amount }
    }

    /// - Parameter saved: by the saved ledgers, by customer and lot.
    private func gone(
        from lots: Set<String>, at customer: String, by kind: CreditEntry.Kind, _ saved: [String: [String: Int64]]
    ) -> Int64 {
        let before = (saved[customer] ?? [:]).filter { lots.contains($0.key) }.values.reduce(0, +)
        let entries = accounts[customer]?.balance.newEntries ?? []
        return entries.lazy.filter { $0.kind == kind }.reduce(before) { $0 - Self.change(in: lots, by: $1) }
    }

    /// The ids of a purchase's own lots, and of those of what was merged into it: all are objects of it.
    private static func lots(of purchase: Purchase) -> Set<String> {
        Set(purchase.facts.parts.keys).union([purchase.id])
    }

    /// Whether it is an entry of the purchase that has these lots.
    private static func isEntry(_ entry: CreditEntry, of lots: Set<String>) -> Bool {
        let parts = entry.businessKey.split(separator: ":")
        return parts.count == 3 && parts[0] == "purchase" && lots.contains(String(parts[1]))
    }

    private static func change(in lots: Set<String>, by entry: CreditEntry) -> Int64 {
        entry.lots.reduce(0) { lots.contains($1.key) ? $0 + $1.value : $0 }
    }
}

extension CreditEntry.Kind {
    /// The kind of an entry, from what the event reported.
    fileprivate init(_ amount: Int64, news: PurchaseFacts) {
        if !news.disputes.isEmpty {
            self = .dispute
        } else if !news.refunds.isEmpty || news.parts.values.contains(where: { ($0.refunded ?? 0) > 0 }) {
            self = .refund
        } else {
            self = amount > 0 ? .topUp : .correction
        }
    }
}
