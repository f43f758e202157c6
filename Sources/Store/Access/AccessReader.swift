// SPDX-License-Identifier: Apache-2.0

import Billing
import Notation
import Postgres

/// Reads the flags of many customers with one query.
package struct AccessReader: Sendable {
    package enum Failure: Error {
        /// The database is unavailable or overloaded, or did not answer in time.
        case outage(Trouble, String)
        case unexpected(Trouble, String)
    }

    private let reads: GroupCommit<String, AccessAnswer?>

    init(_ database: Database) {
        reads = GroupCommit(database, limit: 256, queueLimit: 16_384) { customers, connection in
            let found = try Self.answers(of: Array(Set(customers)), connection)
            return customers.map { found[$0] }
        } gaveUp: { _, _ in
            // Each waiting caller gets the failure.
        }
    }

    /// - Parameter answer: called once, from any thread; with nil for a customer that nothing has named.
    package func read(
        _ customer: String,
        by deadline: ContinuousClock.Instant,
        _ answer: @escaping @Sendable (Result<AccessAnswer?, Failure>) -> Void
    ) {
        reads.add(customer, by: deadline) { result in
            switch result {
            case .success(let found): answer(.success(found))
            case .failure(.overload): answer(.failure(.outage(.server, "too many reads are waiting")))
            case .failure(.late): answer(.failure(.outage(.server, "the database did not answer in time")))
            case .failure(.database(let error)):
                let trouble = Blame.trouble(of: error)
                let isOutage = DatabaseOutage.explains(error)
                answer(.failure(isOutage ? .outage(trouble, "\(error)") : .unexpected(trouble, "\(error)")))
            }
        }
    }

    /// - Returns: the known ones.
    static func answers(of customers: [String], _ connection: Connection) throws -> [String: AccessAnswer] {
        try answers(connection.execute(query(customers)))
    }

    static func query(_ customers: [String]) -> SQL {
        """
        SELECT \(AccessAnswer.columns), a.upcoming
        FROM tollgate.api_access v
        JOIN tollgate.account a USING (customer_id)
        WHERE v.customer_id = ANY (\(customers))
        """
    }

    /// The answers to a query, by customer.
    static func answers(_ rows: Rows) throws -> [String: AccessAnswer] {
        var answers: [String: AccessAnswer] = [:]
        for row in rows {
            let answer = try AccessAnswer(row, upcoming: StoredAccess.segments(row["upcoming"]))
            answers[answer.customer] = answer
        }
        return answers
    }
}
