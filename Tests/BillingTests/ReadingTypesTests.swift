import Billing
import Stripe
import TestSupport
import Testing

@Suite struct ReadingTypesTests {
    @Test(arguments: Reading.types.sorted())
    func `a type that metrics name is one that a rule wants`(_ type: String) throws {
        let event = try Event(payload: Events.event(type, id: "evt_1", object: [:]).bytes)
        do {
            #expect(try Reading(event, policy: Policy()) != .ignored(.unhandledType))
        } catch {
            // Wanted, and without what the rule needs.
        }
    }
}
