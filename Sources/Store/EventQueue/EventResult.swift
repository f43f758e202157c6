// SPDX-License-Identifier: Apache-2.0

import Stripe

/// What became of one event in the hands of a worker.
package struct EventResult: Sendable, Hashable {
    package let event: String
    /// Empty where it could not be decoded.
    package let type: String
    package var transition: EventTransition
    /// What its row is to say of it, where that could not be decoded at the receipt and now can.
    package let described: Event.Envelope?

    package init(event: String, type: String, _ transition: EventTransition, described: Event.Envelope? = nil) {
        self.event = event
        self.type = type
        self.transition = transition
        self.described = described
    }
}
