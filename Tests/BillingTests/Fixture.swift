// SPDX-License-Identifier: Apache-2.0

import Billing
import EventReading
import Notation
import Stripe
import TestSupport
import Testing

/// The time that the tests count from.
let t0 = Events.midnight

let policy = Policy(livemode: true, gracePeriod: .seconds(72 * 3600))

/// All accounts and purchases, to which events are applied one after the other.
struct World: Hashable {
    private(set) var books = Books()
    var policy: Policy
    var prices: [String: Price] = [:]

    init(_ events: [JSON] = [], policy: Policy = BillingTests.policy, prices: [String: Price] = [:]) throws {
        self.policy = policy
        self.prices = prices
        for event in events { try take(event) }
    }

    /// - Throws: `FieldError`: the first, if the readable part of the event was applied; `BalanceOverflow`.
    mutating func take(_ event: JSON, at now: Timestamp = t0) throws {
        let event = try Event(json: event)
        switch try Interpretation(event, policy: policy, prices: prices) {
        case .facts(let facts, _): try take(facts, of: event, at: now)
        case .partly(let facts, let unreadable):
            try take(facts, of: event, at: now)
            throw try #require(unreadable.first)
        case .ignored: break
        }
    }

    private mutating func take(_ facts: [Fact], of event: Event, at now: Timestamp) throws {
        for customer in books.customers(concernedBy: facts) where books.accounts[customer] == nil {
            books.open([Account(customer: customer)])
        }
        try books.apply(facts, event: event.id, created: event.created, at: now, policy: policy)
    }

    /// An operator assigns the purchase of an object.
    mutating func assign(_ object: String, to customer: String, credits: Int64? = nil, at now: Timestamp = t0) throws {
        let facts = try #require(books.purchase(of: object)).facts
        let judgement = facts.judge(customer: customer, credits: credits, reason: "r", operator: "o", at: now)
        guard case .assign(let assignment) = judgement else { throw Refused(judgement: judgement) }
        for customer in books.customers(concernedBy: object, and: customer) where books.accounts[customer] == nil {
            books.open([Account(customer: customer)])
        }
        try books.assign(object, assignment, at: now, policy: policy)
    }

    struct Refused: Error, Hashable {
        let judgement: PurchaseFacts.AssignmentJudgement
    }

    subscript(_ customer: String) -> Account {
        get { books.accounts[customer] ?? Account(customer: customer) }
        set { books.open([newValue]) }
    }

    /// The customer of most tests.
    var account: Account {
        get { self["cus_1"] }
        set { self["cus_1"] = newValue }
    }
}

extension Account {
    /// The customer after events.
    static func after(_ events: [JSON], policy: Policy = policy) throws -> Account {
        try World(events, policy: policy).account
    }
}

extension Timestamp {
    static func + (lhs: Timestamp, seconds: Int64) -> Timestamp { lhs + .seconds(seconds) }
    static func - (lhs: Timestamp, seconds: Int64) -> Timestamp { lhs - .seconds(seconds) }
}

let hour: Int64 = 3600
let day: Int64 = 86400
