// SPDX-License-Identifier: Apache-2.0

/// The outcome of a delivery. Each is durable when it is returned.
package enum Receipt: String, Sendable, CaseIterable {
    /// It is in the inbox for the first time.
    case accepted
    /// Its id was already in the inbox.
    case duplicate
    /// Correctly signed, but not an event: it is kept for an operator.
    case quarantined
    /// The database did not take it in time: it is on this machine's disk, and goes into the inbox from there.
    case spooled
}
