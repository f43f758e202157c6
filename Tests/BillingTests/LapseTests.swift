// SPDX-License-Identifier: Apache-2.0

import Notation
import TestSupport
import Testing

@testable import Billing

/// Credits that have lapsed are lost once: no refund, dispute, assignment or late settlement takes them again.
@Suite struct LapseTests {
    private static let lapsing = Policy(livemode: true, creditsExpiry: .seconds(day))
    private static let purchase = Events.checkout(id: "evt_1")
    private static let later = t0 + 2 * day

    private func spend(_ amount: Int64, _ world: inout World, id: String = "d", at now: Timestamp = t0) {
        guard amount > 0 else { return }
        let terms = Debit.Terms(amount: amount, allowsNegative: true)
        _ = world.account.balance.perform(Spending(customer: "cus_1", id: id, .debit(terms)), denial: nil, at: now)
    }

    private func amounts(_ account: Account, _ kind: CreditEntry.Kind) -> [Int64] {
        account.balance.newEntries.filter { $0.kind == kind }.map(\.amount)
    }

    // MARK: Purchases

    /// A purchase of 500 for 1000.
    @Test(arguments: [0, 150, 500] as [Int64], [400, 600, 1000] as [Int64])
    func `what has lapsed of a purchase is the first that a refund takes back`(_ spent: Int64, _ refunded: Int64) throws
    {
        var world = try World([Self.purchase], policy: Self.lapsing)
        spend(spent, &world)
        world.account.balance.elapse(to: Self.later)
        try world.take(Events.refund(id: "evt_2", amount: refunded), at: Self.later)
        #expect(amounts(world.account, .expiry).reduce(0, +) == spent - 500)
        let taken = max(0, refunded / 2 - (500 - spent))
        #expect(amounts(world.account, .refund).reduce(0, +) == -taken)
        #expect(world.account.balance.credits == -taken)
        #expect(world.books.purchase(of: "pi_1")?.credited == ["cus_1": 500 - taken])
        // The next event about it changes nothing.
        try world.take(Events.refund("refund.updated", id: "evt_3", amount: refunded), at: Self.later)
        try world.take(Events.paymentIntent(id: "evt_4"), at: Self.later)
        #expect(world.account.balance.credits == -taken)
    }

    /// Spent before either.
    @Test(arguments: [0, 150, 400, 500] as [Int64], [200, 400, 600, 1000] as [Int64])
    func `a refund before the lapse or after it ends the same`(_ spent: Int64, _ refunded: Int64) throws {
        var before = try World([Self.purchase], policy: Self.lapsing)
        spend(spent, &before)
        try before.take(Events.refund(id: "evt_2", amount: refunded), at: t0)
        before.account.balance.elapse(to: Self.later)
        var after = try World([Self.purchase], policy: Self.lapsing)
        spend(spent, &after)
        after.account.balance.elapse(to: Self.later)
        try after.take(Events.refund(id: "evt_2", amount: refunded), at: Self.later)
        #expect(before.account.balance.credits == after.account.balance.credits)
        // Until the refund fails after all.
        let failed = Events.refund("refund.failed", id: "evt_3", amount: refunded, status: "failed")
        try before.take(failed, at: Self.later)
        try after.take(failed, at: Self.later)
        #expect(before.account.balance.credits == after.account.balance.credits)
        #expect(after.account.balance.credits == 0)
    }

    @Test func `what a refund takes of a lapsed purchase comes from other lots`() throws {
        var world = try World([Self.purchase], policy: Self.lapsing)
        spend(150, &world)
        try world.account.grant(200, reason: "r", key: "k", operator: "o", at: t0, policy: Self.lapsing)
        try world.take(Events.refund(id: "evt_2", amount: 1000), at: t0)
        #expect(world.account.balance.credits == 50)
        world.account.balance.elapse(to: Self.later)
        // The same whether it lapsed before or after: only what was left of it is gone by itself.
        #expect(world.account.balance.credits == 50)

        var other = try World([Self.purchase], policy: Self.lapsing)
        spend(150, &other)
        try other.account.grant(200, reason: "r", key: "k", operator: "o", at: t0, policy: Self.lapsing)
        other.account.balance.elapse(to: Self.later)
        try other.take(Events.refund(id: "evt_2", amount: 1000), at: Self.later)
        #expect(other.account.balance.credits == 50)
    }

    @Test func `a dispute of a lapsed purchase takes what was spent, and a won one gives back as much`() throws {
        let lost = Events.dispute(id: "evt_2", created: t0 + 1)
        let won = Events.dispute("charge.dispute.closed", id: "evt_3", created: t0 + 2, status: "won")
        var world = try World([Self.purchase], policy: Self.lapsing)
        spend(150, &world)
        world.account.balance.elapse(to: Self.later)
        try world.take(lost, at: Self.later)
        #expect(world.account.balance.credits == -150)
        try world.take(lost, at: Self.later)
        try world.take(won, at: Self.later)
        #expect(amounts(world.account, .dispute) == [-150, 150])
        #expect(world.account.balance.credits == 0 && world.account.balance.lots.isEmpty)
        try world.take(lost, at: Self.later)
        #expect(world.account.balance.credits == 0)
    }

    /// Before the lapse it takes 350 of the purchase's own lot and 150 of the other, after it only the latter.
    @Test(arguments: [t0, t0 + 2 * day], [t0 + 1, t0 + 2 * day + 1])
    func `what a dispute took from another lot comes back for good`(_ opened: Timestamp, _ closed: Timestamp) throws {
        guard opened < closed else { return }
        var world = try World([Self.purchase], policy: Self.lapsing)
        spend(150, &world)
        try world.account.grant(1000, reason: "r", key: "k", operator: "o", at: t0, policy: Self.lapsing)
        world.account.balance.elapse(to: opened)
        try world.take(Events.dispute(id: "evt_2", created: t0 + 1), at: opened)
        world.account.balance.elapse(to: closed)
        let won = Events.dispute("charge.dispute.closed", id: "evt_3", created: t0 + 2, status: "won")
        try world.take(won, at: closed)
        world.account.balance.elapse(to: Self.later + 2)
        #expect(world.account.balance.credits == 1000)
        #expect(amounts(world.account, .expiry).reduce(0, +) == -350)
        #expect(
            Set(world.account.balance.newEntries.map(\.businessKey)).count == world.account.balance.newEntries.count)
    }

    /// After the lapse the order of refunds and disputes does not matter.
    @Test func `refunds and disputes after the lapse end the same in every order`() throws {
        let events = [
            Events.refund(id: "evt_2", amount: 300), Events.refund(id: "evt_3", refund: "re_2", amount: 400),
            Events.dispute(id: "evt_4", created: t0 + 1, amount: 300),
            Events.dispute("charge.dispute.closed", id: "evt_5", created: t0 + 2, amount: 300, status: "won"),
        ]
        for order in permutations(events) {
            var world = try World([Self.purchase], policy: Self.lapsing)
            spend(400, &world)
            world.account.balance.elapse(to: Self.later)
            for event in order { try world.take(event, at: Self.later) }
            // Taken back is 700 of 1000, of the credits 350; 100 have lapsed.
            #expect(world.account.balance.credits == -250)
        }
    }

    @Test func `a purchase that is assigned to somebody else leaves what has lapsed where it was`() throws {
        var world = try World([Events.checkout(id: "evt_1", customer: .null)], policy: Self.lapsing)
        try world.assign("pi_1", to: "cus_1")
        spend(150, &world)
        world.account.balance.elapse(to: Self.later)
        try world.assign("pi_1", to: "cus_2", at: Self.later)
        #expect(world.account.balance.credits == -150)
        world["cus_2"].balance.elapse(to: Self.later)
        #expect(world["cus_2"].balance.credits == 0)
        // And back: it was somebody's mistake.
        try world.assign("pi_1", to: "cus_1", at: Self.later + 1)
        #expect(world.account.balance.credits == 0)
        #expect(world["cus_2"].balance.credits == 0)
        #expect(amounts(world.account, .topUp) == [500, 150])
    }

    @Test func `two purchases that turn out to be one lose nothing that has lapsed of either`() throws {
        let session = Events.checkout(id: "evt_1", paymentIntent: .null)
        var world = try World([session, Events.paymentIntent(id: "evt_2")], policy: Self.lapsing)
        #expect(world.account.balance.credits == 1000)
        spend(100, &world)
        world.account.balance.elapse(to: Self.later)
        try world.take(Events.checkout(id: "evt_3"), at: Self.later)
        // 900 have lapsed and 100 are spent, of 500 that were bought.
        #expect(world.account.balance.credits == 0)
        #expect(world.books.purchase(of: "cs_1")?.credited == ["cus_1": 1000])
        try world.take(Events.refund(id: "evt_4", amount: 1000), at: Self.later)
        #expect(world.account.balance.credits == -100)
    }

    /// What was refunded before lapsed with the rest: an event that says nothing new must not give it to a later debt.
    @Test func `an event that gives nothing back pays no debt`() throws {
        var world = try World([Self.purchase], policy: Self.lapsing)
        try world.take(Events.refund(id: "evt_2", amount: 500), at: t0)
        world.account.balance.elapse(to: Self.later)
        spend(30, &world, at: Self.later)
        #expect(world.account.balance.credits == -30)
        for event in [Events.paymentIntent(id: "evt_3"), Events.refund("refund.updated", id: "evt_4", amount: 500)] {
            try world.take(event, at: Self.later)
            #expect(world.account.balance.credits == -30)
        }
        #expect(amounts(world.account, .expiry) == [-250])
    }

    /// The one that was used is the purchase; the other was given by mistake, and has lapsed.
    @Test func `two purchases that became one give back what a dispute took, once it is won`() throws {
        let session = Events.checkout(id: "evt_1", paymentIntent: .null)
        var world = try World([session, Events.paymentIntent(id: "evt_2")], policy: Self.lapsing)
        try world.account.grant(2000, reason: "r", key: "k", operator: "o", at: t0, policy: Self.lapsing)
        spend(500, &world)
        world.account.balance.elapse(to: Self.later)
        try world.take(Events.checkout(id: "evt_3"), at: Self.later)
        #expect(world.account.balance.credits == 2000)
        try world.take(Events.dispute(id: "evt_4", created: t0 + 1), at: Self.later)
        #expect(world.account.balance.credits == 1500)
        let won = Events.dispute("charge.dispute.closed", id: "evt_5", created: t0 + 2, status: "won")
        try world.take(won, at: Self.later)
        #expect(world.account.balance.credits == 2000)
    }

    @Test func `what had lapsed before the books were opened counts as well`() throws {
        var world = try World([Self.purchase], policy: Self.lapsing)
        let purchase = try #require(world.books.purchase(of: "pi_1"))
        var books = Books(
            purchases: [purchase],
            purchaseOf: Dictionary(uniqueKeysWithValues: purchase.facts.parts.keys.map { ($0, "pi_1") }))
        spend(150, &world)
        world.account.balance.elapse(to: Self.later)
        let lapsed = Account(
            customer: "cus_1", balance: Balance(customer: "cus_1", credits: 0, lastEntry: 3))
        books.open([lapsed], losses: PurchaseLosses(lapsed: ["cus_1": ["pi_1": 350], "cus_2": ["pi_1": 1]]))
        let facts = PurchaseFacts(
            parts: ["pi_1": PurchaseFacts.Part(.paymentIntent), "ch_1": PurchaseFacts.Part(.charge, refunded: 1000)])
        try books.apply([.purchase(facts)], event: "evt_2", created: t0, at: Self.later, policy: Self.lapsing)
        #expect(books.accounts["cus_1"]?.balance.credits == -150)
    }

    // MARK: Holds

    /// A lot of 10 that lapses at 5, a hold of `held` that ends at 8, and 20 that stay.
    private func held(_ held: Int64, onExpiry: Hold.OnExpiry = .release, others: Int64 = 20) throws -> Balance {
        var balance = Balance(customer: "cus_1")
        try balance.change(
            by: 10, at: .grant(expiresAt: t0 + 5), kind: .grant, businessKey: "a", cause: .event("e"), at: t0)
        if others > 0 {
            try balance.change(
                by: others, at: .grant(expiresAt: nil), kind: .grant, businessKey: "b", cause: .event("e"), at: t0)
        }
        let terms = Hold.Terms(amount: held, ttl: .seconds(8), onExpiry: onExpiry)
        _ = balance.perform(Spending(customer: "cus_1", id: "h", .hold(terms)), denial: nil, at: t0)
        return balance
    }

    @Test(arguments: [(0, 20), (4, 20), (10, 20), (13, 17)] as [(Int64, Int64)])
    func `a late settlement debits first what lapsed with its hold`(_ used: Int64, _ left: Int64) throws {
        var balance = try held(10)
        balance.elapse(to: t0 + 9)
        #expect(balance.credits == 20 && balance.holds["h"]?.lapsed == ["grant_1": 10])
        let settle = Spending(customer: "cus_1", id: "h", .settle(amount: used))
        let result = balance.perform(settle, denial: nil, at: t0 + 9)
        #expect(balance.credits == left)
        #expect(balance.perform(settle, denial: nil, at: t0 + 9) == result)
        let settlements = balance.newEntries.filter { $0.kind == .settlement }
        #expect(settlements.reduce(0) { $0 + $1.amount } == -used)
        let lapsed = balance.newEntries.filter { $0.kind == .expiry }.reduce(0) { $0 + ($1.lots["grant_1"] ?? 0) }
        #expect(lapsed == -10 + min(used, 10))
        #expect(Set(balance.newEntries.map(\.businessKey)).count == balance.newEntries.count)
    }

    @Test func `what paid a debt when the hold expired has not lapsed, and is debited again`() throws {
        var balance = try held(10, others: 0)
        let terms = Debit.Terms(amount: 4, allowsNegative: true)
        _ = balance.perform(Spending(customer: "cus_1", id: "d", .debit(terms)), denial: nil, at: t0)
        balance.elapse(to: t0 + 9)
        #expect(balance.credits == 0 && balance.holds["h"]?.lapsed == ["grant_1": 6])
        _ = balance.perform(Spending(customer: "cus_1", id: "h", .settle(amount: 10)), denial: nil, at: t0 + 9)
        // 10 came, and 14 were used.
        #expect(balance.credits == -4 && balance.debt == 4)
    }

    @Test func `what a late settlement gives back of a hold that its expiry debited lapses once`() throws {
        var balance = try held(10, onExpiry: .settle)
        balance.elapse(to: t0 + 9)
        #expect(balance.credits == 20 && balance.holds["h"]?.lapsed == [:])
        let settle = Spending(customer: "cus_1", id: "h", .settle(amount: 3))
        for _ in 1...2 {
            _ = balance.perform(settle, denial: nil, at: t0 + 9)
            balance.elapse(to: t0 + 10)
            #expect(balance.credits == 20)
        }
        #expect(balance.newEntries.filter { $0.kind == .settlement }.map(\.amount) == [-10, 7])
        #expect(balance.newEntries.filter { $0.kind == .expiry }.map(\.amount) == [-7])
    }

    /// The hold's part of the purchase is no longer lapsed once it is debited: a refund then takes it.
    @Test func `a refund after a late settlement takes what was used of the hold`() throws {
        var world = try World([Self.purchase], policy: Self.lapsing)
        let terms = Hold.Terms(amount: 100, ttl: .seconds(day + 60))
        _ = world.account.balance.perform(Spending(customer: "cus_1", id: "h", .hold(terms)), denial: nil, at: t0)
        world.account.balance.elapse(to: Self.later)
        _ = world.account.balance.perform(
            Spending(customer: "cus_1", id: "h", .settle(amount: 100)), denial: nil, at: Self.later)
        #expect(world.account.balance.credits == 0)
        try world.take(Events.refund(id: "evt_2", amount: 1000), at: Self.later)
        #expect(world.account.balance.credits == -100)
    }

    @Test func `what comes back of a hold comes to the purchase that its lot belongs to by now`() throws {
        var balance = Balance(customer: "cus_1")
        for purchase in ["pi_2", "pi_1"] {
            try balance.change(
                by: 10, at: .purchase(purchase, expiresAt: nil), kind: .topUp, businessKey: purchase,
                cause: .event("e"), at: t0)
        }
        let terms = Hold.Terms(amount: 10, ttl: .seconds(5), onExpiry: .settle)
        _ = balance.perform(Spending(customer: "cus_1", id: "h", .hold(terms)), denial: nil, at: t0)
        balance.elapse(to: t0 + 6)
        #expect(balance.lots.map(\.id) == ["pi_1"])
        balance.merge(purchase: "pi_2", into: "pi_1")
        balance.know(purchases: ["pi_2": "pi_1"])
        _ = balance.perform(Spending(customer: "cus_1", id: "h", .settle(amount: 4)), denial: nil, at: t0 + 6)
        #expect(balance.lots.map(\.id) == ["pi_1", "pi_2"])
        #expect(balance.lots.map(\.purchase) == ["pi_1", "pi_1"])
        try balance.change(
            by: 30, at: .grant(expiresAt: t0 + 60), kind: .grant, businessKey: "g", cause: .event("e"), at: t0 + 6)
        try balance.change(
            by: -16, at: .purchase("pi_1", expiresAt: nil), kind: .refund, businessKey: "r", cause: .event("e"),
            at: t0 + 6)
        #expect(balance.lots.map(\.remaining) == [30])
    }

    // MARK: The answer

    @Test func `a debit below zero is no credits that were ever there`() throws {
        var account = Account(customer: "cus_1")
        account.name(reason: "r", operator: "o", at: t0, policy: policy)
        let terms = Debit.Terms(amount: 5, allowsNegative: true)
        _ = account.balance.perform(Spending(customer: "cus_1", id: "d", .debit(terms)), denial: nil, at: t0)
        #expect(account.decide(at: t0, policy: policy) == Decision(.noSubscription))
        try account.grant(-3, reason: "r", key: "k1", operator: "o", at: t0, policy: policy)
        #expect(account.decide(at: t0, policy: policy) == Decision(.noSubscription))
        try account.grant(3, reason: "r", key: "k2", operator: "o", at: t0, policy: policy)
        #expect(account.decide(at: t0, policy: policy) == Decision(.creditsExhausted))
    }
}
