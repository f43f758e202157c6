// SPDX-License-Identifier: Apache-2.0

import Postgres
import Synchronization

/// Tells the code that keeps answers in memory whose answer has changed: transactions of this process report it as soon
/// as they are committed, those of others when PostgreSQL announces them.
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

    /// Tells all processes once this transaction is committed; this process also if it is unknown whether it is.
    func announce(_ customers: [String], _ connection: Connection, _ pipeline: Pipeline) {
        pipeline.execute(Connection.notification(Self.channel, Self.payloads(customers)))
        connection.afterCommit { self.tell(customers) }
    }

    /// One notification carries as many customers as fit, separated by spaces.
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

    /// The customers in what was received on the channel.
    static func customers(_ payloads: [String]) -> [String] {
        payloads.flatMap { $0.split(separator: " ").map(String.init) }
    }
}
