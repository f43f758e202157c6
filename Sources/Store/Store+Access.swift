import Billing
import Postgres
import Stripe

/// The flag as a gateway reads it.
public struct AccessAnswer: Sendable, Hashable {
    public let customer: String
    public let decision: Decision
    public let credits: Int64
    /// Grows with every change of the answer.
    public let version: Int64
    public let changedAt: Timestamp
}

extension Store {
    /// - Returns: nil for a customer whom no event and no operator has named.
    public func access(of customer: String) async throws -> AccessAnswer? {
        try await reads.transaction { try Self.access(of: customer, $0) }
    }

    static func access(of customer: String, _ connection: Connection) throws -> AccessAnswer? {
        let rows = try connection.execute(
            """
            SELECT reason, until, credits, version, changed_at
            FROM tollgate.api_access
            WHERE customer_id = $1
            """,
            .value(customer)
        )
        guard let row = rows.first else { return nil }
        let (reason, until, credits, version, changedAt) = try row.decode(
            String.self, Timestamp?.self, Int64.self, Int64.self, Timestamp.self
        )
        return AccessAnswer(
            customer: customer,
            decision: Decision(try known(reason), until: until),
            credits: credits,
            version: version,
            changedAt: changedAt
        )
    }
}
