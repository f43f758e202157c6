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
}
