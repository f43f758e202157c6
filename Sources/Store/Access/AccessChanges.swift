// SPDX-License-Identifier: Apache-2.0

import Postgres
import Synchronization

/// Whose answer was changed, told to whoever keeps answers in memory: by the transactions of this process as soon as they
/// are committed, by those of others as PostgreSQL announces them.
package final class AccessChanges: Sendable {
    static let channel = "tollgate_access"

    private let subscribers = Mutex<[@Sendable ([String]) -> Void]>([])

    init() {}

    /// - Parameter hear: called from any thread with the customers; must be quick.
    package func subscribe(_ hear: @escaping @Sendable ([String]) -> Void) {
        subscribers.withLock { $0.append(hear) }
    }

    func tell(_ customers: [String]) {
        for hear in subscribers.withLock({ $0 }) { hear(customers) }
    }

    /// Tells all processes once this transaction is committed; this one also where it is not known whether it is.
    func announce(_ customers: [String], _ connection: Connection, _ pipeline: Pipeline) {
        pipeline.execute(Connection.notification(Self.channel, Self.payloads(customers)))
        connection.afterCommit { self.tell(customers) }
    }

    /// As many customers as fit travel in one notification, separated by spaces.
    static func payloads(_ customers: [String]) -> [String] {
        var payloads: [String] = []
        for customer in customers {
            // PostgreSQL's limit is 8000 bytes, less one.
            if let last = payloads.last, last.utf8.count + 1 + customer.utf8.count < 8000 {
                payloads[payloads.count - 1] = "\(last) \(customer)"
            } else {
                payloads.append(customer)
            }
        }
        return payloads
    }

    /// The customers of what was heard on the channel.
    static func customers(_ payloads: [String]) -> [String] {
        payloads.flatMap { $0.split(separator: " ").map(String.init) }
    }
}
