// SPDX-License-Identifier: Apache-2.0

import Notation

/// How far one run of retention has come, from batch to batch.
package struct Pruning: Sendable {
    /// What is walked over, from the oldest to the youngest that is due.
    enum Walk { case events, payloads }

    /// Events of which only the payload was removed.
    package internal(set) var payloads = 0
    /// Events that were removed altogether.
    package internal(set) var events = 0
    package internal(set) var isFinished = false
    var walk = Walk.events
    /// Where the batch before ended: what stays for good is passed once a run and not once a batch.
    var last: (receivedAt: Timestamp, id: String)?

    package init() {}
}
