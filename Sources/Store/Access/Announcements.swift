// SPDX-License-Identifier: Apache-2.0

import Postgres
import Synchronization

/// Tells the code that keeps answers in memory what has changed: transactions of this process report it as soon as they
/// are committed, those of others when PostgreSQL announces them.
package final class Announcements: Sendable {
    /// On which PostgreSQL announces them.
    let channel: String

    private let subscribers = Mutex<[@Sendable ([String]) -> Void]>([])

    private init(channel: String) {
        self.channel = channel
    }

    /// Of customers, by id, whose answer or balance has changed.
    static func ofCustomers() -> Announcements { Announcements(channel: "tollgate_access") }

    /// Of API keys, by the SHA-256 in hex.
    static func ofKeys() -> Announcements { Announcements(channel: "tollgate_keys") }

    /// - Parameter hear: called from any thread with the names of what has changed; must be quick.
    package func subscribe(_ hear: @escaping @Sendable ([String]) -> Void) {
        subscribers.withLock { $0.append(hear) }
    }

    func tell(_ names: [String]) {
        for hear in subscribers.withLock({ $0 }) { hear(names) }
    }

    /// Tells all processes once this transaction is committed; this process also if it is unknown whether it is.
    func announce(_ names: [String], _ connection: Connection, _ pipeline: Pipeline) {
        pipeline.execute(Connection.notification(channel, Self.payloads(names)))
        connection.afterCommit { self.tell(names) }
    }

    /// Tells what was announced on the channel.
    func tell(of notifications: [Notification]) {
        let names = Self.names(notifications.filter { $0.channel == channel }.map(\.payload))
        if !names.isEmpty { tell(names) }
    }

    /// One notification carries as many names as fit, separated by spaces.
    static func payloads(_ names: [String]) -> [String] {
        var payloads: [String] = []
        for name in names {
            // PostgreSQL's limit is 8000 bytes, less one.
            if let last = payloads.last, last.utf8.count + 1 + name.utf8.count < 8000 {
                payloads[payloads.count - 1] = "\(last) \(name)"
            } else {
                payloads.append(name)
            }
        }
        return payloads
    }

    /// The names in what was received on the channel.
    static func names(_ payloads: [String]) -> [String] {
        payloads.flatMap { $0.split(separator: " ").map(String.init) }
    }
}
