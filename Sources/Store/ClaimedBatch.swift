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
    /// For how long the first of them has been due.
    public let waited: Duration
    private let startedAt: Timestamp
    private let worker: Roster.Worker
    private let connection: Connection
    private var accounts: AccountRows
    private var purchases: PurchaseRows

    /// Takes those of the events that are still pending and in nobody else's hands.
    init(_ events: [String], for worker: Roster.Worker, _ connection: Connection) throws {
        let rows = try connection.execute(
            """
            SELECT w.event_id, e.payload, e.type, w.run_at, clock_timestamp()
            FROM tollgate.event_work w
            JOIN tollgate.event e ON e.id = w.event_id
            WHERE w.event_id = ANY ($1) AND w.status = 'pending' AND w.run_at <= now()
            ORDER BY w.run_at, w.event_id
            FOR UPDATE OF w SKIP LOCKED
            """,
            .array(events)
        )
        var entries: [Entry] = []
        var startedAt = Timestamp(microseconds: 0)
        var waited: Duration = .zero
        for row in rows {
            let (id, payload, type, due, now) = try row.decode(
                String.self, [UInt8]?.self, String?.self, Timestamp.self, Timestamp.self
            )
            if entries.isEmpty { waited = .microseconds(now.microseconds - due.microseconds) }
            entries.append(Entry(id: id, payload: payload ?? [], type: type))
            startedAt = now
        }
        self.entries = entries
        self.waited = waited
        self.startedAt = startedAt
        self.worker = worker
        self.connection = connection
        accounts = AccountRows(connection)
        purchases = PurchaseRows(connection)
    }

    /// The database's clock once the accounts are locked.
    public var now: Timestamp { accounts.now }

    /// How many credits one unit of a price buys, of those that operators have listed.
    public func credits(ofPrices ids: Set<String>) throws -> [String: Int64] {
        guard !ids.isEmpty else { return [:] }
        let rows = try connection.execute(
            "SELECT id, credits FROM tollgate.price WHERE id = ANY ($1)",
            .array(Array(ids))
        )
        return try Dictionary(rows.map { try $0.decode(String.self, Int64.self) }, uniquingKeysWith: { $1 })
    }

    /// Locks and loads what the facts concern: purchases first, for only they tell whose accounts those are.
    public mutating func openBooks(for facts: [Fact]) throws -> Books {
        guard !facts.isEmpty else { return Books() }
        var books = try purchases.lock(facts.flatMap(\.purchaseObjects))
        books.open(
            try accounts.lock(
                books.customers(concernedBy: facts),
                invoices: facts.compactMap(\.invoice)
            ).values
        )
        return books
    }

    /// Saves what the events did and how each ended, in the transaction that holds them.
    public func save(_ books: Books, outcomes: [(id: String, outcome: EventOutcome)]) throws {
        try accounts.save(books.accounts.values)
        try purchases.save(books)
        let ids = Parameter.array(outcomes.map(\.id))
        let statuses = Parameter.array(outcomes.map(\.outcome.status.rawValue))
        let details = Parameter.array(outcomes.map(\.outcome.detail))
        let errors = Parameter.array(outcomes.map(\.outcome.error))
        // Before the work's rows have another version: what is checked for the attempt is then locked already.
        try connection.execute(
            """
            INSERT INTO tollgate.event_attempt (event_id, number, started_at, finished_at, outcome, message, operator)
            SELECT event_id, w.attempts + 1, $5, clock_timestamp(), e.status, coalesce(e.detail, e.error),
                   w.requested_by
            FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS e (event_id, status, detail, error)
            JOIN tollgate.event_work w USING (event_id)
            """,
            ids, statuses, details, errors, .value(startedAt)
        )
        try connection.execute(
            """
            UPDATE tollgate.event_work w
            SET status = e.status, detail = e.detail, error = e.error, attempts = w.attempts + 1, requested_by = NULL,
                deaths = 0
            FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS e (event_id, status, detail, error)
            WHERE w.event_id = e.event_id
            """,
            ids, statuses, details, errors
        )
        // Nothing is in this worker's hands any more.
        try connection.execute("UPDATE tollgate.worker SET events = '{}' WHERE id = $1", .value(worker.id))
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
