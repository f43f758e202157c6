import Billing
import Stripe
import TestSupport

/// The moment that the tables count from.
let t0 = Events.midnight

let policy = Policy(livemode: true, gracePeriod: .seconds(72 * 3600))

/// All accounts and purchases there are, to which events happen one after the other.
struct World: Hashable {
    private(set) var books = Books()
    var policy: Policy
    var prices: [String: Int64] = [:]

    init(_ events: [JSON] = [], policy: Policy = BillingTests.policy, prices: [String: Int64] = [:]) throws {
        self.policy = policy
        self.prices = prices
        for event in events { try take(event) }
    }

    /// - Throws: `FieldError`, `BalanceOverflow`.
    mutating func take(_ event: JSON, at now: Timestamp = t0) throws {
        let event = try Event(json: event)
        guard case .facts(let facts, _) = try Reading(event, policy: policy, prices: prices) else { return }
        for customer in books.customers(concernedBy: facts) where books.accounts[customer] == nil {
            books.open([Account(customer: customer)])
        }
        try books.apply(facts, event: event.id, at: now, policy: policy)
    }

    subscript(_ customer: String) -> Account {
        get { books.accounts[customer] ?? Account(customer: customer) }
        set { books.open([newValue]) }
    }

    /// The customer whom most tests are about.
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
