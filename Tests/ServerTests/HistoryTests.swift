// SPDX-License-Identifier: Apache-2.0

import Billing
import Foundation
import Notation
import TestSupport
import Testing

@testable import Server

/// The random histories of `BillingTests` through sockets, PostgreSQL and several workers at once. To set how many:
/// `TOLLGATE_SERVER_HISTORIES=<number> scripts/test --filter ServerTests.HistoryTests`
@Suite(.serialized) struct HistoryTests {
    private static let count =
        ProcessInfo.processInfo.environment["TOLLGATE_SERVER_HISTORIES"].flatMap(UInt64.init) ?? 320
    private static let perDatabase: UInt64 = 80

    @Test(arguments: Array(stride(from: 0, to: count, by: UInt64.Stride(perDatabase))))
    func `histories that happen all at once each end in the truth`(_ first: UInt64) async throws {
        var random = SeededRandom(first)
        let start = Timestamp(seconds: Timestamp.now.seconds - 60 * 86_400)
        let histories = (first..<min(first + Self.perDatabase, Self.count)).map { seed in
            History(seed: seed, customers: ["cus_\(seed)_a", "cus_\(seed)_b"], start: start)
        }
        // Out of order, and some of them twice.
        let events = histories.flatMap(\.events)
        let deliveries = (events + events.filter { _ in random.one(in: 6) }).shuffled(using: &random)
        let replays = events.filter { _ in random.one(in: 20) }.compactMap { $0["id"]?.string }
        let policy = Policy(blocksOnDispute: first % 160 == 0, debts: first % 160 == 0 ? .all : .charged)

        try await ServerFixture.with(policy: policy, workers: 3) { server in
            for (price, credits) in History.prices {
                let amount = History.unitAmounts[price].map(String.init) ?? "null"
                let answer = try await server.admin(
                    "PUT", "/prices/\(price)", body: #"{"credits":\#(credits),"unit_amount":\#(amount)}"#)
                #expect(answer.status == 200)
            }
            try await deliver(deliveries, replaying: replays, to: server)
            try await eventually("the end of all") {
                try await server.admin("GET", "/events?status=pending&limit=1").json["data"] == [] ? true : nil
            }
            for status in ["failed", "quarantined"] {
                let unwanted = try await server.admin("GET", "/events?status=\(status)").json["data"]
                #expect(unwanted == [], "seed \(first) and on")
            }
            for history in histories {
                for customer in history.customers { try await compare(customer, history.truth, policy, server) }
            }
            try await expectLedgersAddUp(server)
        }
    }

    private func deliver(_ events: [JSON], replaying ids: [String], to server: ServerFixture) async throws {
        let senders = 8
        try await withThrowingTaskGroup(of: Void.self) { group in
            for sender in 0..<senders {
                group.addTask {
                    for index in stride(from: sender, to: events.count, by: senders) {
                        let answer = try await server.deliver(events[index].bytes)
                        #expect(answer.receipt != nil, "\(answer.text)")
                    }
                }
            }
            group.addTask {
                for id in ids {
                    let answer = try await server.admin("POST", "/events/\(id)/replay")
                    #expect([202, 404, 409].contains(answer.status), "\(answer.text)")
                }
            }
            try await group.waitForAll()
        }
    }

    private func compare(_ customer: String, _ truth: Truth, _ policy: Policy, _ server: ServerFixture) async throws {
        let answer = try await server.gateway("GET", "/v1/customers/\(customer)/access")
        let (reason, until) = truth.answer(
            for: customer, at: .now, gracePeriod: policy.gracePeriod, blocksOnDispute: policy.blocksOnDispute,
            countsMailed: policy.debts == .all)
        if answer.status == 404 {
            #expect(reason == "no_subscription", "\(customer)")
            #expect(truth.credits(of: customer) == 0, "\(customer)")
            return
        }
        let access = try answer.json
        #expect(access["reason"]?.string == reason, "\(customer)")
        #expect(access["until"]?.string == until.map { "\($0)" }, "\(customer)")
        #expect(access["credits"]?.integer == truth.credits(of: customer), "\(customer)")
    }

    private func expectLedgersAddUp(_ server: ServerFixture) async throws {
        let wrong = try await server.sql { connection in
            try connection.execute(
                """
                SELECT a.customer_id
                FROM tollgate.account a
                LEFT JOIN (SELECT customer_id, sum(amount)::bigint AS total, count(*) AS entries
                           FROM tollgate.credit_entry GROUP BY customer_id) l USING (customer_id)
                LEFT JOIN (SELECT customer_id, sum(given)::bigint AS given
                           FROM tollgate.purchase GROUP BY customer_id) p USING (customer_id)
                WHERE a.credits <> coalesce(l.total, 0)
                   OR coalesce(a.last_entry, 0) <> coalesce(l.entries, 0)
                   OR a.credits <> coalesce(p.given, 0)
                """
            ).map { try $0.decode(String.self) }
        }
        #expect(wrong == [])
    }
}
