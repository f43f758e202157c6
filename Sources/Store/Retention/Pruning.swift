// SPDX-License-Identifier: Apache-2.0

import Notation

/// How far one run of retention has come, from batch to batch.
package struct Pruning: Sendable {
    /// What is walked over, from the oldest to the youngest that is due.
    enum Walk { case events, payloads }

    /// Events from which only the payload was removed.
    package internal(set) var payloads = 0
    /// Events that were removed completely.
    package internal(set) var events = 0
    package internal(set) var isFinished = false
    var walk = Walk.events
    /// Where the previous batch ended: events that stay for good are passed once per run, not once per batch.
    var last: (receivedAt: Timestamp, id: String)?

    package init() {}
}
