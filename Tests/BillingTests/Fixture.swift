import Billing
import Stripe
import TestSupport

/// The moment that the tables count from.
let t0 = Events.midnight

let policy = Policy(livemode: true, gracePeriod: .seconds(72 * 3600))

extension Account {
    /// A customer to whom events happen, one after the other, each at its own moment.
    static func after(_ events: [JSON], policy: Policy = policy, at now: Timestamp = t0) throws -> Account {
        var account = Account(customer: "cus_1")
        for event in events { try account.take(event, at: now, policy: policy) }
        return account
    }

    mutating func take(_ event: JSON, at now: Timestamp = t0, policy: Policy = policy) throws {
        let event = try Event(json: event)
        guard case .fact(let fact) = try Reading(event, policy: policy) else { return }
        try apply(fact, event: event.id, at: now, policy: policy)
    }
}

extension Timestamp {
    static func + (lhs: Timestamp, seconds: Int64) -> Timestamp { lhs + .seconds(seconds) }
}

let hour: Int64 = 3600
let day: Int64 = 86400
