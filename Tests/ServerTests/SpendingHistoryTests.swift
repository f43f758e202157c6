// SPDX-License-Identifier: Apache-2.0

import Billing
import Foundation
import Notation
import Postgres
import Synchronization
import TestSupport
import Testing

@testable import Server

/// Random spending, top-ups, refunds and grants, through the sockets of two servers with three workers each, whose
/// sessions are killed meanwhile. To set how many: `TOLLGATE_SPENDING_HISTORIES=<number> scripts/test --filter
/// SpendingHistoryTests`
@Suite(.serialized) struct SpendingHistoryTests {
    private static let count =
        ProcessInfo.processInfo.environment["TOLLGATE_SPENDING_HISTORIES"].flatMap(Int.init) ?? 320
    private static let perDatabase = 80

    @Test(arguments: Array(stride(from: 0, to: count, by: perDatabase)))
    func `what was acknowledged adds up, whatever happens at the same time`(_ first: Int) async throws {
        try await TestDatabase.with { database in
            try await ServerFixture.with(source: database.source, workers: 3, sweeping: true) { one in
                try await ServerFixture.with(source: database.source, workers: 3, sweeping: true) { other in
                    let histories = (first..<min(first + Self.perDatabase, Self.count)).map {
                        SpendingHistory(seed: UInt64($0), servers: [one, other])
                    }
                    try await play(histories, killing: database)
                    for history in histories { try await history.compare() }
                    try await expectSound(one)
                }
            }
        }
    }

    private func play(_ histories: [SpendingHistory], killing database: TestDatabase) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for history in histories {
                for client in 0..<3 { group.addTask { try await history.play(client) } }
            }
            let killer = Task {
                while !Task.isCancelled {
                    try await TestDatabase.administer(
                        """
                        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                        WHERE datname = '\(database.name)' AND application_name IN ('tollgate-spending', 'tollgate-worker')
                        """)
                    try await Task.sleep(for: .milliseconds(300))
                }
            }
            try await group.waitForAll()
            killer.cancel()
            _ = await killer.result
        }
    }

    /// What no constraint says: each open hold's parts are held, and the ledger adds up, for each lot too.
    private func expectSound(_ server: ServerFixture) async throws {
        let wrong = try await server.sql { connection in
            try connection.execute(
                """
                SELECT a.customer_id FROM tollgate.account a
                WHERE a.held <> (SELECT coalesce(sum(h.granted), 0) FROM tollgate.hold h
                                 WHERE h.customer_id = a.customer_id AND h.status = 'open')
                   OR a.credits <> (SELECT coalesce(sum(e.amount), 0) FROM tollgate.credit_entry e
                                    WHERE e.customer_id = a.customer_id)
                   OR EXISTS (SELECT FROM tollgate.hold h
                              WHERE h.customer_id = a.customer_id AND h.status = 'settled'
                                AND -h.debited <> (SELECT coalesce(sum(e.amount), 0) FROM tollgate.credit_entry e
                                                   WHERE e.customer_id = h.customer_id AND e.hold_id = h.id
                                                     AND e.kind = 'settlement'))
                   OR (SELECT jsonb_object_agg(l.id, l.remaining)
                       FROM jsonb_to_recordset(a.lots) AS l (id text, remaining bigint))
                      IS DISTINCT FROM
                      (SELECT jsonb_object_agg(s.lot, s.sum)
                       FROM (SELECT l.lot, sum(l.amount::bigint) AS sum
                             FROM tollgate.credit_entry e CROSS JOIN LATERAL jsonb_each_text(e.lots) AS l (lot, amount)
                             WHERE e.customer_id = a.customer_id
                             GROUP BY l.lot HAVING sum(l.amount::bigint) <> 0) s)
                """
            ).map { try $0.decode(String.self) }
        }
        #expect(wrong == [])
    }
}

/// One customer, and the plain model: every effect that was acknowledged, once for each id.
private final class SpendingHistory: Sendable {
    private struct Model {
        var granted: [String: Int64] = [:]
        var debited: [String: Int64] = [:]
        var settled: [String: Int64] = [:]
        var released: Set<String> = []
        var holds: [String: Int64] = [:]
        /// Those that end by themselves within a second.
        var short: Set<String> = []
        /// Purchases, and those that were refunded in full.
        var bought: Set<String> = []
        var refunded: Set<String> = []
        var faults: [String] = []

        mutating func fault(_ text: String) { faults.append(text) }
    }

    private let seed: UInt64
    private let servers: [ServerFixture]
    private let model = Mutex(Model())
    private var customer: String { "cus_s\(seed)" }

    init(seed: UInt64, servers: [ServerFixture]) {
        self.seed = seed
        self.servers = servers
    }

    func play(_ client: Int) async throws {
        var random = SeededRandom(seed &* 31 &+ UInt64(client))
        // Nobody can hold before the customer is known.
        try await grant(20, key: "first\(seed)", random.pick(servers[0], servers[1]))
        for step in 0..<14 {
            let server = random.pick(servers[0], servers[1])
            let amount = random.within(1...9)
            // The clients meet at each other's holds.
            let id = "h_\(random.within(0...9))"
            switch random.within(0...9) {
            case 0...2: try await hold(id, amount, &random, server)
            case 3, 4: try await settle(id, random.within(0...9), server)
            case 5: try await release(id, server)
            case 6: try await debit("d_\(random.within(0...5))", amount, &random, server)
            case 7:
                let key = "\(seed)_\(client)_\(step)"
                try await grant(random.one(in: 3) ? -amount : amount, key: key, server)
            case 8: try await buy("\(seed)x\(random.within(0...2))", server)
            default: try await refund("\(seed)x\(random.within(0...2))", server)
            }
        }
    }

    // MARK: Requests, repeated until their outcome is known

    private func known(_ request: () async throws -> HTTPAnswer) async throws -> HTTPAnswer {
        try await eventually("an outcome") {
            let answer = try await request()
            return answer.status == 503 || answer.status == 500 ? nil : answer
        }
    }

    private func hold(_ id: String, _ amount: Int64, _ random: inout SeededRandom, _ server: ServerFixture) async throws
    {
        let ttl = random.one(in: 3) ? "1s" : "10m"
        let body = """
            {"amount":\(amount),"minimum":1,"ttl":"\(ttl)","on_expiry":"\(random.pick("settle", "release"))"}
            """
        let answer = try await known { try await server.hold(id, of: customer, body) }
        switch answer.status {
        case 200, 201:
            let granted = try answer.json["granted"]?.integer ?? -1
            note {
                if ttl == "1s" { $0.short.insert(id) }
                if $0.holds[id, default: granted] != granted { $0.fault("\(id) granted twice") }
                $0.holds[id] = granted
            }
        case 409:
            // It may be this request's own: made before its answer got lost, and ended since.
            let shown = try await known { try await server.gateway("GET", "/v1/customers/\(customer)/holds/\(id)") }
            if let granted = try shown.json["granted"]?.integer { note { $0.holds[id] = granted } }
        case 402: break
        default: note { $0.fault("hold: \(answer.text)") }
        }
    }

    private func settle(_ id: String, _ amount: Int64, _ server: ServerFixture) async throws {
        let answer = try await known { try await server.settle(id, amount, of: customer) }
        switch answer.status {
        case 200:
            note {
                if $0.settled[id, default: amount] != amount { $0.fault("\(id) settled twice") }
                $0.settled[id] = amount
            }
        case 404, 409: break
        default: note { $0.fault("settle: \(answer.text)") }
        }
    }

    private func release(_ id: String, _ server: ServerFixture) async throws {
        let answer = try await known { try await server.release(id, of: customer) }
        switch answer.status {
        case 200: if try answer.json["status"] == "released" { note { _ = $0.released.insert(id) } }
        case 404, 409: break
        default: note { $0.fault("release: \(answer.text)") }
        }
    }

    private func debit(_ id: String, _ amount: Int64, _ random: inout SeededRandom, _ server: ServerFixture)
        async throws
    {
        let body = #"{"amount":\#(amount),"allow_negative":\#(random.one(in: 4))}"#
        let answer = try await known { try await server.debit(id, of: customer, body) }
        switch answer.status {
        case 200, 201:
            note {
                if $0.debited[id, default: amount] != amount { $0.fault("\(id) debited twice") }
                $0.debited[id] = amount
            }
        case 402, 409: break
        default: note { $0.fault("debit: \(answer.text)") }
        }
    }

    private func grant(_ amount: Int64, key: String, _ server: ServerFixture) async throws {
        let answer = try await known {
            try await server.admin(
                "POST", "/customers/\(customer)/credits", headers: [("Idempotency-Key", key)],
                body: #"{"amount":\#(amount),"reason":"a test"}"#)
        }
        note { if answer.status == 200 { $0.granted[key] = amount } else { $0.fault("grant: \(answer.text)") } }
    }

    private func buy(_ purchase: String, _ server: ServerFixture) async throws {
        try await server.deliver(
            Events.checkout(
                id: "evt_b\(purchase)", customer: .string(customer), session: "cs_\(purchase)",
                paymentIntent: .string("pi_\(purchase)"), credits: "10"))
        note { _ = $0.bought.insert(purchase) }
    }

    private func refund(_ purchase: String, _ server: ServerFixture) async throws {
        try await server.deliver(
            Events.charge(
                id: "evt_r\(purchase)", charge: "ch_\(purchase)", customer: .string(customer),
                paymentIntent: .string("pi_\(purchase)"), refunded: 1000))
        note { _ = $0.refunded.insert(purchase) }
    }

    private func note(_ change: (inout Model) -> Void) { model.withLock { change(&$0) } }

    // MARK: The end

    func compare() async throws {
        let (server, model) = (servers[0], model.withLock { $0 })
        #expect(model.faults == [], "seed \(seed)")
        for purchase in model.bought { try await server.ended("evt_b\(purchase)") }
        for purchase in model.refunded { try await server.ended("evt_r\(purchase)") }
        // Until every short hold has ended: what is open then stays so for ten minutes.
        var debits: Int64 = 0
        for (id, granted) in model.holds {
            let hold = try await eventually("\(id)'s end") {
                let hold = try await server.hold(id, of: customer)
                return model.short.contains(id) && hold["status"] == "open" ? nil : hold
            }
            let status = hold["status"]?.string
            switch (model.settled[id], model.released.contains(id)) {
            case (let amount?, false):
                #expect(status == "settled" && hold["debited"]?.integer == amount, "seed \(seed): \(hold)")
            case (nil, true): #expect(status == "released", "seed \(seed): \(hold)")
            case (nil, false):
                let isOpen = status == "open" || status == "expired"
                #expect(isOpen || hold["debited"]?.integer == granted, "seed \(seed): \(hold)")
            case (_?, true): Issue.record("seed \(seed): \(id) was settled and released")
            }
            debits += hold["debited"]?.integer ?? 0
        }
        let kept = model.bought.subtracting(model.refunded).count
        let wanted =
            model.granted.values.reduce(0, +) + Int64(kept) * 10 - model.debited.values.reduce(0, +) - debits
        let balance = try await server.balance(of: customer)
        #expect(balance["credits"]?.integer == wanted, "seed \(seed): \(balance)")
    }
}
