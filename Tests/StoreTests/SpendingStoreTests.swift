// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import Postgres
import Store
import Synchronization
import TestSupport
import Testing

/// Holds, settlements and debits on the database.
@Suite struct SpendingStoreTests {
    @Test func `of a thousand holds of one credit on ten, at two processes at once, ten are granted`() async throws {
        try await SpendingProcess.with(2) { processes in
            try await processes[0].grant(10)
            let results = try await withThrowingTaskGroup(of: SpendingResult.self) { group in
                for number in 0..<1000 {
                    group.addTask { try await processes[number % 2].hold("h_\(number)", 1) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(results.count { $0.hold?.granted == 1 } == 10)
            #expect(results.count { $0.refusal == .insufficientCredits(available: 0) } == 990)
            let balance = try await processes[0].balance()
            #expect(balance.credits == 10 && balance.held == 10 && balance.available == 0)
            #expect(processes[0].store.spending.written.batches < 500)
            try await processes[0].expectSound()
        }
    }

    @Test func `a hold is settled once, and every repeat gets what was answered`() async throws {
        try await SpendingProcess.with(2) { processes in
            try await processes[0].grant(100)
            let made = try await processes[0].hold("h_1", 60)
            #expect(made.isNew == true && made.hold?.available == 40)
            #expect(try await processes[1].hold("h_1", 60).isNew == false)
            #expect(try await processes[1].hold("h_1", 50).refusal == .conflict)
            let results = try await withThrowingTaskGroup(of: SpendingResult.self) { group in
                for number in 0..<40 {
                    group.addTask { try await processes[number % 2].spend("h_1", .settle(amount: 25)) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(results.map(\.hold?.settlement)).count == 1)
            #expect(
                results[0].hold?.settlement == Hold.Settlement(debited: 25, released: 35, credits: 75, available: 75))
            #expect(try await processes[0].spend("h_1", .settle(amount: 26)).refusal == .conflict)
            #expect(try await processes[0].spend("h_1", .release).refusal == .holdSettled)
            #expect(try await processes[0].hold("h_1", 60).refusal == .holdResolved)
            #expect(try await processes[0].count("tollgate.credit_entry WHERE kind = 'settlement'") == 1)
        }
    }

    @Test func `a settlement above its hold debits in full, ends access at once, and says so in the timeline`()
        async throws
    {
        try await SpendingProcess.with { processes in
            let process = processes[0]
            try await process.grant(10)
            #expect(try await process.answer()?.decision.reason == .credits)
            _ = try await process.hold("h_1", 10)
            let settled = try await process.spend("h_1", .settle(amount: 40))
            #expect(settled.hold?.settlement?.overdraft == 30)
            let answer = try #require(try await process.answer())
            #expect(answer.decision.reason == .creditsExhausted && answer.credits == -30)
            #expect(
                try await process.count(
                    "tollgate.access_change WHERE cause = 'hold' AND hold_id = 'h_1' AND NOT allowed") == 1)
            #expect(try await process.hold("h_2", 1).refusal == .insufficientCredits(available: -30))
            try await process.grant(31, key: "g2")
            #expect(try await process.balance().lots.map(\.remaining) == [1])
            #expect(try await process.answer()?.decision.reason == .credits)
        }
    }

    @Test func `spending alone is no line of the timeline, and no version`() async throws {
        try await SpendingProcess.with { processes in
            let process = processes[0]
            try await process.grant(100)
            let before = try #require(try await process.answer())
            for number in 0..<5 {
                _ = try await process.spend("d_\(number)", .debit(Debit.Terms(amount: 2)))
            }
            let after = try #require(try await process.answer())
            #expect(after.version == before.version && after.credits == 90)
            #expect(try await process.count("tollgate.access_change") == 1)
        }
    }

    @Test func `what ended by itself is right for every reader before it is swept, and swept once`() async throws {
        try await SpendingProcess.with { processes in
            let process = processes[0]
            try await process.grant(10, expiresIn: .seconds(8))
            try await process.grant(5, key: "g2")
            _ = try await process.hold("h_1", 4, ttl: .seconds(1))
            _ = try await process.hold("h_2", 3, ttl: .seconds(1), onExpiry: .settle)
            _ = try await process.hold("h_3", 2)
            // Of the 10 that have lapsed, 3 were debited and 2 are held.
            try await eventually("the holds end") {
                let balance = try await process.balance()
                return balance.credits == 7 && balance.held == 2 ? true : nil
            }
            #expect(try await process.count("tollgate.credit_entry") == 2)
            let expired = try #require(try await process.store.balances.hold("h_1", of: "cus_1"))
            #expect(expired.hold.status == .expired && expired.available == 5)
            let settled = try #require(try await process.store.balances.hold("h_2", of: "cus_1"))
            #expect(settled.hold.status == .settled && settled.hold.settlement?.debited == 3)
            for (status, ids) in [
                (Hold.Status.open, ["h_3"]), (.expired, ["h_1"]), (.settled, ["h_2"]), (.released, []),
            ] {
                let page = try await process.store.balances.holds(of: "cus_1", status: status, limit: 5, after: nil)
                #expect(page?.map(\.hold.id) == ids)
            }
            // The view, which gateways read, knows what has lapsed; that a hold was settled it learns from the sweeper.
            #expect(try await process.answer()?.credits == 10 + 5 - (10 - 4 - 3 - 2))

            #expect(try await process.store.sweeps.moveElapsed(atMost: 10, policy: process.policy) == 1)
            #expect(try await process.store.sweeps.moveElapsed(atMost: 10, policy: process.policy) == 0)
            let balance = try await process.balance()
            #expect(balance.credits == 7 && balance.held == 2)
            #expect(try await process.answer()?.credits == 7)
            #expect(try await process.count("tollgate.credit_entry WHERE kind = 'expiry'") == 1)
            #expect(try await process.count("tollgate.hold WHERE status = 'open'") == 1)
            try await process.expectSound()
        }
    }

    @Test func `a late settlement debits in full, or what the expiry did not`() async throws {
        try await SpendingProcess.with { processes in
            let process = processes[0]
            try await process.grant(20)
            _ = try await process.hold("h_1", 4, ttl: .seconds(1))
            _ = try await process.hold("h_2", 6, ttl: .seconds(1), onExpiry: .settle)
            try await eventually("it ends") { try await process.balance().held == 0 ? true : nil }
            let late = try await process.spend("h_1", .settle(amount: 5))
            #expect(late.hold?.settlement?.isLate == true && late.hold?.settlement?.debited == 5)
            let corrected = try await process.spend("h_2", .settle(amount: 1))
            #expect(corrected.hold?.settlement?.isLate == true && corrected.available == 14)
            #expect(try await process.spend("h_2", .settle(amount: 1)).hold == corrected.hold)
            #expect(try await process.spend("h_2", .settle(amount: 2)).refusal == .conflict)
            #expect(try await process.balance().credits == 14)
            try await process.expectSound()
        }
    }

    @Test func `a late settlement debits first what lapsed with its hold, which the database remembers`() async throws {
        try await SpendingProcess.with { processes in
            let process = processes[0]
            try await process.grant(10, expiresIn: .seconds(1))
            try await process.grant(20, key: "g2")
            _ = try await process.hold("h_1", 10, ttl: .seconds(2))
            try await eventually("it ends") { try await process.balance().credits == 20 ? true : nil }
            #expect(try await process.store.sweeps.moveElapsed(atMost: 10, policy: process.policy) == 1)
            #expect(try await process.count("tollgate.hold WHERE lapsed = '{\"grant_1\": 10}'") == 1)
            let late = try await process.spend("h_1", .settle(amount: 7))
            #expect(late.hold?.settlement?.debited == 7 && late.available == 20)
            #expect(try await process.spend("h_1", .settle(amount: 7)).hold == late.hold)
            let lapsed = try await TestDatabase.transaction(on: process.database.source) { connection in
                try connection.execute(
                    """
                    SELECT sum((lots ->> 'grant_1')::bigint)::bigint FROM tollgate.credit_entry WHERE kind = 'expiry'
                    """
                ).only.decode(Int64.self)
            }
            #expect(lapsed == -3)
            try await process.expectSound()
        }
    }

    @Test func `a request that the database refuses fails alone`() async throws {
        try await SpendingProcess.with { processes in
            let process = processes[0]
            try await process.grant(100)
            let results = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<20 {
                    group.addTask {
                        // PostgreSQL keeps no NUL in a text.
                        let terms = Debit.Terms(amount: 1, metadata: number == 7 ? ["a": "\u{0}"] : [:])
                        return (try? await process.spend("d_\(number)", .debit(terms)).isNew) == true
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            // The first arrive while the session is being opened, as one batch.
            #expect(results.count { $0 } == 19)
            #expect(try await process.balance().credits == 81)
        }
    }

    @Test func `what holds take comes first from what lapses first, then from grants, and goes back there`()
        async throws
    {
        try await SpendingProcess.with { processes in
            let process = processes[0]
            try await process.grant(3, key: "g1")
            try await process.grant(2, expiresIn: .seconds(3600), key: "g2")
            let made = try await process.hold("h_1", 4)
            #expect(made.hold?.parts.map(\.lot) == ["grant_2", "grant_1"])
            #expect(try await process.balance().lots.map(\.held) == [2, 2])
            _ = try await process.spend("h_1", .release)
            let lots = try await process.balance().lots
            #expect(lots.map(\.remaining) == [2, 3] && lots.allSatisfy { $0.held == 0 })
            #expect(try await process.answer()?.decision.until == nil)
        }
    }

    @Test func `who has only credits that lapse is told until when, and is refused from then on`() async throws {
        try await SpendingProcess.with { processes in
            let process = processes[0]
            try await process.grant(3, expiresIn: .seconds(5))
            let answer = try #require(try await process.answer())
            let end = try #require(try await process.balance().lots.first?.expiresAt)
            #expect(answer.decision == Decision(.credits, until: end))
            try await eventually("it ends") {
                try await process.answer()?.decision.reason == .creditsExhausted ? true : nil
            }
            #expect(try await process.answer()?.credits == 0)
            #expect(try await process.hold("h_1", 1).refusal == .insufficientCredits(available: 0))
            #expect(try await process.store.sweeps.moveElapsed(atMost: 10, policy: process.policy) == 1)
            #expect(try await process.count("tollgate.access_change WHERE cause = 'time' AND NOT allowed") == 1)
        }
    }

    @Test func `readers of the feed are told of credits at most once a second, and of the last for sure`() async throws
    {
        try await SpendingProcess.with { processes in
            let process = processes[0]
            try await process.grant(100)
            for number in 0..<10 { _ = try await process.spend("d_\(number)", .debit(Debit.Terms(amount: 1))) }
            let due = try await process.count("tollgate.account WHERE feed_due")
            let told = try await process.count(
                "tollgate.account WHERE feed_at > clock_timestamp() - interval '1 second'")
            #expect(due == 1 || told == 1)
            try await eventually("the last is told of") {
                _ = try await process.store.sweeps.tellDue(atMost: 10)
                return try await process.count("tollgate.account WHERE feed_due") == 0 ? true : nil
            }
        }
    }

    @Test func `an account that somebody has locked holds up its own customer, and nobody else`() async throws {
        try await SpendingProcess.with { processes in
            let process = processes[0]
            try await process.grant(10)
            try await process.grant(10, to: "cus_2", key: "g2")
            try await TestDatabase.hold(process.database.source) { connection in
                _ = try connection.executeScript(
                    "SELECT FROM tollgate.account WHERE customer_id = 'cus_1' FOR UPDATE")
            } while: {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for client in 0..<3 {
                        group.addTask {
                            // Whoever is refused repeats it.
                            for _ in 0..<4 {
                                await #expect(throws: ReadFailure.self) {
                                    try await process.spend("d_\(client)", .debit(Debit.Terms(amount: 1)))
                                }
                            }
                        }
                    }
                    for number in 0..<50 {
                        let terms = Debit.Terms(amount: 1, allowsNegative: true)
                        #expect(try await process.spend("d_\(number)", .debit(terms), of: "cus_2").isNew == true)
                    }
                    try await group.waitForAll()
                }
            }
            #expect(try await process.spend("d_9", .debit(Debit.Terms(amount: 10))).available == 0)
            try await process.expectSound()
        }
    }

    @Test func `requests of one customer are done in their order, whoever has its account locked meanwhile`()
        async throws
    {
        try await SpendingProcess.with { processes in
            let process = processes[0]
            try await process.grant(300)
            let answers = Mutex<[Int64?]>([])
            try await TestDatabase.hold(process.database.source) { connection in
                _ = try connection.executeScript(
                    "SELECT FROM tollgate.account WHERE customer_id = 'cus_1' FOR UPDATE")
            } while: {
                // Until some of them wait for the lock, and others are still to come.
                for number in 0..<300 {
                    process.store.spending.spend(
                        Spending(customer: "cus_1", id: "d_\(number)", .debit(Debit.Terms(amount: 1))),
                        policy: process.policy, by: .now + .seconds(60)
                    ) { result in answers.withLock { $0.append(try? result.get().available) } }
                    if number == 100 {
                        try await eventually("they are tried") {
                            process.store.spending.written.items > 0 ? true : nil
                        }
                    }
                }
            }
            try await eventually("all are answered") { answers.withLock { $0.count == 300 } ? true : nil }
            let made = answers.withLock { $0 }.compactMap(\.self)
            let balances = try await TestDatabase.transaction(on: process.database.source) { connection in
                try connection.execute(
                    "SELECT available FROM tollgate.debit ORDER BY substr(id, 3)::int"
                ).map { try $0.decode(Int64.self) }
            }
            #expect(balances == balances.sorted(by: >) && balances.count == made.count)
        }
    }

    @Test func `a flood of one customer's requests holds up nobody else, and cannot fill the queue`() async throws {
        try await SpendingProcess.with { processes in
            let process = processes[0]
            try await process.grant(20_000)
            try await process.grant(50, to: "cus_2", key: "g2")
            let order = Mutex<[String]>([])
            let refused = Mutex(0)
            @Sendable func spend(_ id: String, of customer: String) {
                process.store.spending.spend(
                    Spending(customer: customer, id: id, .debit(Debit.Terms(amount: 1))), policy: process.policy,
                    by: .now + .seconds(60)
                ) { result in
                    if case .success = result {
                        order.withLock { $0.append(customer) }
                    } else {
                        refused.withLock { $0 += 1 }
                    }
                }
            }
            for number in 0..<20_000 { spend("d_\(number)", of: "cus_1") }
            for number in 0..<50 { spend("d_\(number)", of: "cus_2") }
            try await eventually("all are answered") {
                order.withLock(\.count) + refused.withLock { $0 } == 20_050 ? true : nil
            }
            #expect(refused.withLock { $0 } > 10_000)
            let answered = order.withLock { $0 }
            #expect(answered.count { $0 == "cus_2" } == 50)
            // All of the other one's come with the first batches after it asked.
            let last = try #require(answered.lastIndex(of: "cus_2"))
            #expect(answered[last...].count > 2000)
            try await process.expectSound()
        }
    }

    @Test func `many holds of one customer that have ended keep nobody else from what is there`() async throws {
        try await SpendingProcess.with { processes in
            let process = processes[0]
            try await process.grant(6000)
            try await process.grant(5, to: "cus_2", key: "g2")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<6000 {
                    group.addTask { _ = try await process.hold("h_\(number)", 1, ttl: .seconds(1)) }
                }
                try await group.waitForAll()
            }
            let terms = Hold.Terms(amount: 5, ttl: .seconds(1))
            _ = try await process.spend("h_1", .hold(terms), of: "cus_2")
            try await eventually("all have ended") {
                try await process.count("tollgate.hold WHERE expires_at > clock_timestamp()") == 0 ? true : nil
            }
            #expect(try await process.balance().held == 0)
            async let one = process.spend("d_1", .debit(Debit.Terms(amount: 6000)))
            async let other = process.spend("d_1", .debit(Debit.Terms(amount: 5)), of: "cus_2")
            #expect(try await other.available == 0)
            #expect(try await one.available == 0)
            try await process.expectSound()
        }
    }

    @Test func `what nobody has named or nobody may hold is refused, and leaves nothing`() async throws {
        try await SpendingProcess.with { processes in
            let process = processes[0]
            #expect(try await process.hold("h_1", 1).refusal == .unknownCustomer)
            try await process.grant(5)
            #expect(try await process.spend("h_1", .settle(amount: 1)).refusal == .unknownHold)
            _ = try await process.store.operators.setOverride(
                of: "cus_1", allowed: false, reason: "r", until: nil, operator: "o", policy: process.policy)
            #expect(try await process.hold("h_1", 1).refusal == .denied(.overrideDeny))
            let debit = Debit.Terms(amount: 7, allowsNegative: true)
            #expect(try await process.spend("d_1", .debit(debit)).available == -2)
            #expect(try await process.count("tollgate.hold") == 0)
        }
    }
}
