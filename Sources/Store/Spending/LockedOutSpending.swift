// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import Postgres
import Synchronization

/// The requests of customers whose accounts somebody else has locked: another process for a moment, or somebody's own
/// transaction for longer. Each customer waits apart, and not for long.
final class LockedOutSpending: Sendable {
    /// How long one account is waited for while others may wait behind it.
    private static let lockTimeout: Duration = .milliseconds(250)

    private struct Item {
        let spending: Spending
        let policy: Policy
    }

    private let waiting: GroupCommit<Item, Result<SpendingResult, any Error>>
    private let counts = Mutex<[String: Int]>([:])

    init(_ database: Database, changes: Announcements) {
        waiting = SpendingQueue.make(database, customer: \.spending.customer) { items, connection in
            guard let policy = items.first?.policy else { return [] }
            return try Self.spend(items.map(\.spending), policy, changes, connection)
        }
    }

    /// Whose requests wait here.
    var customers: Set<String> { Set(counts.withLock(\.keys)) }

    /// - Parameter answer: called once, from any thread.
    func add(
        _ spending: Spending, _ policy: Policy, by deadline: ContinuousClock.Instant,
        _ answer: @escaping @Sendable (Result<SpendingResult, ReadFailure>) -> Void
    ) {
        counts.withLock { $0[spending.customer, default: 0] += 1 }
        waiting.add(Item(spending: spending, policy: policy), by: deadline) { [self] result in
            counts.withLock { counts in
                counts[spending.customer, default: 0] -= 1
                if counts[spending.customer] == 0 { counts[spending.customer] = nil }
            }
            switch result {
            case .success(let own): answer(own.mapError { ReadFailure(of: $0) })
            case .failure(let failure): answer(.failure(ReadFailure(failure)))
            }
        }
    }

    /// First those whose accounts are free by now, all at once; then each of the others alone.
    private static func spend(
        _ batch: [Spending], _ policy: Policy, _ changes: Announcements, _ connection: Connection
    ) throws -> [Result<SpendingResult, any Error>] {
        var results = try SpendingRows.spend(batch, policy, changes, connection)
        let lockedOut = results.indices.filter { results[$0] == nil }
        for (_, places) in Dictionary(grouping: lockedOut, by: { batch[$0].customer }).sorted(by: { $0.key < $1.key }) {
            do {
                let own = try SpendingRows.spend(
                    places.map { batch[$0] }, policy, changes, connection, waitingFor: lockTimeout)
                for (place, result) in zip(places, own) { results[place] = result }
            } catch let error as PostgresError where error.isLockTimeout {
                for place in places { results[place] = .failure(error) }
            }
        }
        return results.map { result in
            guard let result else { preconditionFailure("whoever waits for a lock gets it, or an error") }
            return result
        }
    }
}
