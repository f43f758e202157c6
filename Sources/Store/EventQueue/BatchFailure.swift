// SPDX-License-Identifier: Apache-2.0

import Postgres

/// Work on claimed events that could not be committed. None of it took effect.
package struct BatchFailure: Error, Sendable, CustomStringConvertible {
    /// An event that was claimed.
    package struct Event: Sendable, Hashable {
        package let id: String
        package let type: String?
        /// The hash of its customer, which determines the partition.
        package let customerHash: Int
    }

    package let events: [Event]
    package let blame: Blame
    package let description: String
    /// The same without any value: PostgreSQL quotes the one that it cannot take.
    package let loggable: String
    /// If somebody else holds what they need: what that is.
    let lockedOut: LockedOut?

    init(_ events: [ClaimedEvent], _ error: any Error) {
        self.events = events.map { Event(id: $0.id, type: $0.type, customerHash: $0.customerHash) }
        lockedOut = error as? LockedOut
        let cause = lockedOut?.cause ?? error
        blame = Blame(of: cause)
        description = "\(cause)"
        loggable = (cause as? PostgresError)?.loggable ?? description
    }
}
