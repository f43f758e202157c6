// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import Postgres

/// Reads the flags of many customers with one query.
package struct AccessReader: Sendable {
    /// Each with its own failure: a row that cannot be read (damaged, or of a newer version) is one customer's trouble.
    private let reads: GroupCommit<String, Result<AccessAnswer?, any Error>>

    init(_ database: Database) {
        reads = GroupCommit(database, limit: 256, queueLimit: 16_384) { customers, connection in
            let found = try Self.readings(connection.execute(Self.query(Array(Set(customers)))))
            return customers.map { customer in found[customer]?.map { $0 } ?? .success(nil) }
        } gaveUp: { _, _ in
            // Each waiting caller gets the failure.
        }
    }

    /// - Parameter answer: called once, from any thread; with nil for a customer that nothing has named.
    package func read(
        _ customer: String,
        by deadline: ContinuousClock.Instant,
        _ answer: @escaping @Sendable (Result<AccessAnswer?, ReadFailure>) -> Void
    ) {
        reads.add(customer, by: deadline) { result in
            switch result {
            case .success(.success(let found)): answer(.success(found))
            case .success(.failure(let error)): answer(.failure(ReadFailure(of: error)))
            case .failure(let failure): answer(.failure(ReadFailure(failure)))
            }
        }
    }

    /// - Returns: the known ones.
    static func answers(of customers: [String], _ connection: Connection) throws -> [String: AccessAnswer] {
        try answers(connection.execute(query(customers)))
    }

    static func query(_ customers: [String]) -> SQL {
        """
        SELECT \(AccessAnswer.columns), a.held, a.upcoming
        FROM tollgate.api_access v
        JOIN tollgate.account a USING (customer_id)
        WHERE v.customer_id = ANY (\(customers))
        """
    }

    /// The answers to a query, by customer.
    static func answers(_ rows: Rows) throws -> [String: AccessAnswer] {
        try readings(rows).mapValues { try $0.get() }
    }

    private static func readings(_ rows: Rows) throws -> [String: Result<AccessAnswer, any Error>] {
        var readings: [String: Result<AccessAnswer, any Error>] = [:]
        for row in rows {
            readings[try row["customer_id"]] = Result {
                try AccessAnswer(row, held: row["held"], upcoming: StoredAccess.segments(row["upcoming"]))
            }
        }
        return readings
    }
}
