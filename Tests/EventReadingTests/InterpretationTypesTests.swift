// SPDX-License-Identifier: Apache-2.0

import Billing
import Stripe
import TestSupport
import Testing

@testable import EventReading

@Suite struct InterpretationTypesTests {
    @Test(arguments: Interpretation.types.sorted())
    func `a type that metrics name is one that a rule wants`(_ type: String) throws {
        let event = try Event(payload: Events.event(type, id: "evt_1", object: [:]).bytes)
        do {
            #expect(try Interpretation(event, policy: Policy()) != .ignored(.unhandledType))
        } catch {
            // The type is handled; the event lacks what the rule needs.
        }
    }
}
