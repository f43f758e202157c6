import Billing
import Postgres
import Stripe

/// Pending events held by one transaction. Their row locks are the claim: they vanish with the connection, so a
/// worker that dies leaves nothing to clean up.
public struct ClaimedBatch {
    /// A pending event, its payload as it was received.
    public struct Entry: Sendable {
        public let id: String
        public let payload: [UInt8]
        /// The type where the event had been decoded at receipt.
        public let type: String?
    }

    /// In the order in which they are due.
    public let entries: [Entry]
    private let startedAt: Timestamp
    private let connection: Connection
    private var accounts: AccountRows

    init(claimingAtMost limit: Int, _ connection: Connection) throws {
        let rows = try connection.execute(
            """
            SELECT w.event_id, e.payload, e.type, clock_timestamp()
            FROM tollgate.event_work w
            JOIN tollgate.event e ON e.id = w.event_id
            WHERE w.status = 'pending' AND w.run_at <= now()
            ORDER BY w.run_at, w.event_id
            LIMIT $1
            FOR UPDATE OF w SKIP LOCKED
            """,
            .value(limit)
        )
        var entries: [Entry] = []
        var startedAt = Timestamp(microseconds: 0)
        for row in rows {
            let (id, payload, type, now) = try row.decode(String.self, [UInt8]?.self, String?.self, Timestamp.self)
            entries.append(Entry(id: id, payload: payload ?? [], type: type))
            startedAt = now
        }
        self.entries = entries
        self.startedAt = startedAt
        self.connection = connection
        accounts = AccountRows(connection)
    }

    /// The database's clock once the accounts are locked.
    public var now: Timestamp { accounts.now }

    /// Locks and loads the accounts that the facts concern.
    public mutating func lockAccounts(of facts: [Fact]) throws -> [String: Account] {
        guard !facts.isEmpty else { return [:] }
        return try accounts.lock(
            facts.map(\.customer),
            invoices: facts.compactMap(\.invoice),
            purchases: facts.compactMap(\.purchase)
        )
    }

    /// Saves what the events did and how each ended, in the transaction that holds them.
    public func save(_ changed: some Collection<Account>, outcomes: [(id: String, outcome: EventOutcome)]) throws {
        try accounts.save(changed)
        try connection.execute(
            """
            WITH ended AS (
                SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
                    AS e (event_id, status, detail, error)
            ), attempt AS (
                INSERT INTO tollgate.event_attempt (event_id, number, started_at, finished_at, outcome, message,
                                                    operator)
                SELECT event_id, w.attempts + 1, $5, clock_timestamp(), e.status, coalesce(e.detail, e.error),
                       w.requested_by
                FROM ended e JOIN tollgate.event_work w USING (event_id)
            )
            UPDATE tollgate.event_work w
            SET status = e.status, detail = e.detail, error = e.error, attempts = w.attempts + 1, requested_by = NULL
            FROM ended e
            WHERE w.event_id = e.event_id
            """,
            .array(outcomes.map(\.id)),
            .array(outcomes.map(\.outcome.status.rawValue)),
            .array(outcomes.map(\.outcome.detail)),
            .array(outcomes.map(\.outcome.error)),
            .value(startedAt)
        )
        // What the commit would refuse is refused here, where it is still known which events it concerns.
        try connection.executeScript("SET CONSTRAINTS ALL IMMEDIATE")
    }

    /// Fills in what an event's row says of it, when a quarantined payload has become readable.
    public func describe(_ id: String, as event: Event) throws {
        try connection.execute(
            """
            UPDATE tollgate.event
            SET type = $2, created = $3, livemode = $4, account = $5, api_version = $6, customer_id = $7
            WHERE id = $1
            """,
            .value(id),
            .value(event.type),
            .value(event.created),
            .value(event.livemode),
            .value(event.account),
            .value(event.apiVersion),
            .value(event.customer)
        )
    }
}
