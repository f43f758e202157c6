// SPDX-License-Identifier: Apache-2.0

/// A synthetic event for the inbox: what Stripe's API says about an object, in the words of an event.
package struct RefetchEntry: Sendable, Hashable {
    /// `refetch_` and 64 hex digits: the same for the same object in the same state.
    package let id: String
    /// The event's JSON.
    package let payload: [UInt8]
}
