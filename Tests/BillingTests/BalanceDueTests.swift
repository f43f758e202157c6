// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Billing

/// When somebody must look at a balance again because of time alone.
@Suite struct BalanceDueTests {
    @Test func `once nothing is held, only lots are due`() throws {
        var balance = Balance(customer: "cus_1")
        try give(10, expiringAt: nil, to: &balance)
        hold(3, id: "h_1", ttl: 60, of: &balance)
        hold(3, id: "h_2", ttl: 30, of: &balance)
        #expect(balance.dueAt == t0 + 30)
        act(.settle(amount: 1), id: "h_2", of: &balance)
        // It may be too early, and never too late.
        #expect(try #require(balance.dueAt) <= t0 + 60)
        act(.release, id: "h_1", of: &balance)
        #expect(balance.dueAt == nil)

        try give(10, expiringAt: 1000, to: &balance)
        hold(3, id: "h_3", ttl: 60, of: &balance)
        act(.settle(amount: 3), id: "h_3", of: &balance)
        #expect(balance.dueAt == t0 + 1000)
    }

    @Test func `a lot that is all held does not lapse`() throws {
        var balance = Balance(customer: "cus_1")
        try give(10, expiringAt: 100, to: &balance)
        try give(10, expiringAt: 200, to: &balance)
        #expect(balance.lapsesAt == t0 + 100)
        hold(10, id: "h_1", ttl: 60, of: &balance)
        #expect(balance.lapsesAt == t0 + 200)
        hold(10, id: "h_2", ttl: 60, of: &balance)
        #expect(balance.lapsesAt == nil)
        act(.release, id: "h_1", of: &balance)
        #expect(balance.lapsesAt == t0 + 100)
    }

    private func give(_ amount: Int64, expiringAt seconds: Int64?, to balance: inout Balance) throws {
        try balance.change(
            by: amount, at: .grant(expiresAt: seconds.map { t0 + $0 }), kind: .grant,
            businessKey: "grant:\(balance.newEntries.count)", cause: .event("evt_1"), at: t0)
    }

    private func hold(_ amount: Int64, id: String, ttl: Int64, of balance: inout Balance) {
        act(.hold(Hold.Terms(amount: amount, ttl: .seconds(ttl))), id: id, of: &balance)
    }

    private func act(_ act: Spending.Act, id: String, of balance: inout Balance) {
        let result = balance.perform(Spending(customer: "cus_1", id: id, act), denial: nil, at: t0)
        if case .refused(let refusal) = result { Issue.record("refused: \(refusal)") }
    }
}
