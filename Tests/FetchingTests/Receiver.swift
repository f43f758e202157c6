// SPDX-License-Identifier: Apache-2.0

import Billing
import EventReading
import Notation
import Stripe
import TestSupport
import Testing

/// What the rules make of the events that reach them.
struct Receiver {
    private(set) var books = Books()
    let policy: Policy
    let prices: [String: Price]

    init(_ policy: Policy = Policy(livemode: true), prices: [String: Price] = [:]) {
        (self.policy, self.prices) = (policy, prices)
    }

    /// Applies an event, also one whose id the inbox would know already.
    mutating func take(_ json: JSON, at now: Timestamp = Events.midnight) throws {
        let event = try Event(json: json)
        switch try Interpretation(event, policy: policy, prices: prices) {
        case .facts(let facts, _):
            for customer in books.customers(concernedBy: facts) where books.accounts[customer] == nil {
                books.open([Account(customer: customer)])
            }
            try books.apply(facts, event: event.id, created: event.created, at: now, policy: policy)
        case .partly(_, let unreadable): throw try #require(unreadable.first)
        case .ignored(let why): #expect(why == .unhandledType)
        }
    }

    func account(_ customer: String) -> Account { books.accounts[customer] ?? Account(customer: customer) }
}
