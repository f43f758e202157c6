// SPDX-License-Identifier: Apache-2.0

import Stripe

/// How one event that a worker held ended.
package struct EventResult: Sendable, Hashable {
    package let event: String
    /// Empty if it could not be decoded.
    package let type: String
    package var transition: EventTransition
    /// Why it failed, without what the payload says: the transition's error may quote the payload, for operators. Nil:
    /// nothing is logged about it.
    package var loggable: String?
    /// What Stripe has to be asked for before it can be read in full.
    package var wants: EventFetchKind?
    /// What to store about it in its row, if it could not be decoded on receipt and now can.
    package let described: Event.Envelope?

    package init(
        event: String,
        type: String,
        _ transition: EventTransition,
        loggable: String? = nil,
        described: Event.Envelope? = nil
    ) {
        self.event = event
        self.type = type
        self.transition = transition
        self.loggable = loggable
        self.described = described
    }
}
