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
    /// What follows by itself, in order.
    public let upcoming: [Access.Segment]

    /// The answer at a later time, if nothing happens until then.
    public func elapsed(to now: Timestamp) -> AccessAnswer {
        guard let current = upcoming.last(where: { $0.from <= now }) else { return self }
        return AccessAnswer(
            customer: customer,
            decision: current.decision,
            credits: credits,
            version: current.version,
            changedAt: current.from,
            upcoming: upcoming.filter { $0.from > now }
        )
    }
}

extension Store {
    /// - Returns: nil for a customer whom no event and no operator has named.
    public func access(of customer: String) async throws -> AccessAnswer? {
        try await reads.transaction { try Self.access(of: customer, $0) }
    }

    static func access(of customer: String, _ connection: Connection) throws -> AccessAnswer? {
        let rows = try connection.execute(
            """
            SELECT v.reason, v.until, v.credits, v.version, v.changed_at, a.upcoming::text
            FROM tollgate.api_access v
            JOIN tollgate.account a USING (customer_id)
            WHERE v.customer_id = $1
            """,
            .value(customer)
        )
        guard let row = rows.first else { return nil }
        let (reason, until, credits, version, changedAt, upcoming) = try row.decode(
            String.self, Timestamp?.self, Int64.self, Int64.self, Timestamp.self, String.self
        )
        return AccessAnswer(
            customer: customer,
            decision: Decision(try known(reason), until: until),
            credits: credits,
            version: version,
            changedAt: changedAt,
            // Those of the past are in the answer already.
            upcoming: try StoredAccess.segments(upcoming).filter { $0.version > version }
        )
    }
}
