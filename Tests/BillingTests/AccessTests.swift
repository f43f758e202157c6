// SPDX-License-Identifier: Apache-2.0

import Billing
import TestSupport
import Testing

@Suite struct AccessTests {
    @Test func `the stored answer holds what time alone will bring`() throws {
        let account = try Account.after([DecisionTests.paid, DecisionTests.failed])
        let access = try #require(account.access)
        #expect(access.current.decision == Decision(.gracePeriod, until: DecisionTests.graceEnd))
        #expect(access.upcoming.map(\.decision) == [Decision(.paymentOverdue)])
        #expect(access.upcoming.map(\.from) == [DecisionTests.graceEnd])
        #expect(access.upcoming.map(\.version) == [access.current.version + 1])
    }

    @Test func `each change of the answer is one line with its cause and one version`() throws {
        var world = try World([DecisionTests.paid, DecisionTests.failed])
        world.account.elapse(to: DecisionTests.graceEnd + 60, policy: policy)
        try world.take(Events.invoice("invoice.paid", id: "evt_3", invoice: "in_2"), at: DecisionTests.graceEnd + 120)
        let account = world.account
        #expect(
            account.newChanges.map(\.decision.reason) == [.invoicePaid, .gracePeriod, .paymentOverdue, .invoicePaid])
        #expect(
            account.newChanges.map(\.cause) == [.event("evt_paid"), .event("evt_failed"), .time, .event("evt_3")])
        #expect(account.newChanges.map(\.version) == [1, 2, 3, 4])
        // Changes by time alone are dated when they took effect, not when the account was next read.
        #expect(account.newChanges.map(\.at) == [t0, t0, DecisionTests.graceEnd, DecisionTests.graceEnd + 120])
    }

    @Test func `an event that comes again changes nothing`() throws {
        let events = [DecisionTests.paid, DecisionTests.failed, DecisionTests.topUp]
        var world = try World(events)
        let before = world
        for event in events { try world.take(event, at: t0 + 60) }
        #expect(world == before)
    }

    @Test func `more credits are a new version but no line of the timeline`() throws {
        var world = try World([DecisionTests.topUp])
        #expect(world.account.access?.current.version == 1)
        try world.take(Events.checkout(id: "evt_2", session: "cs_2", paymentIntent: "pi_2"))
        #expect(world.account.access?.current.version == 2)
        #expect(world.account.newChanges.count == 1)
    }
}
