import Billing
import Notation
import Postgres
import Stripe

/// Pending events held by one transaction. Their row locks are the claim: they vanish with the connection, so a
/// worker that dies leaves nothing to clean up.
package struct ClaimedBatch {
    /// A pending event, its payload as it was received.
    package struct Entry: Sendable {
        package let id: String
        package let payload: [UInt8]
        /// The type where the event had been decoded at receipt.
        package let type: String?
        /// Of the customer, as lanes go by it.
        let customerHash: Int
    }

    /// A batch ends with the event that makes it so large, in bytes of payload: decoded they take many times as much.
    static let sizeLimit = 8 << 20

    /// In the order in which they are due.
    package let entries: [Entry]
    /// For how long the first of them has been due.
    package let waited: Duration
    /// Whether more may be due right now.
    package let leavesMore: Bool
    private let startedAt: Timestamp
    private let worker: Roster.Worker
    private let connection: Connection
    private var accounts: AccountRows
    private var purchases: PurchaseRows

    /// Takes those of the events that are still pending and in nobody else's hands. From here on the transaction waits a
    /// moment only for what others hold: two that meet are done within milliseconds, and who holds it for longer
    /// delays no more than it has to.
    init(
        _ events: [String],
        isFull: Bool = false,
        for worker: Roster.Worker,
        telling changes: AccessChanges,
        _ connection: Connection
    ) throws {
        // A payload is read from its own table for those within the limit only; its size stands beside the reference.
        let rows = try connection.execute(
            """
            WITH held AS MATERIALIZED (
                SELECT w.event_id, w.run_at, w.customer_hash, e.type, e.payload,
                       coalesce(octet_length(e.payload), 0) AS size
                FROM tollgate.event_work w
                JOIN tollgate.event e ON e.id = w.event_id
                WHERE w.event_id = ANY ($1) AND w.status = 'pending' AND (w.deaths = 0 OR w.run_at <= now())
                ORDER BY w.run_at, w.event_id
                FOR UPDATE OF w SKIP LOCKED
            ), measured AS (
                SELECT *, count(*) OVER () AS count, sum(size) OVER (ORDER BY run_at, event_id) - size AS before
                FROM held
            ), brief AS MATERIALIZED (
                SELECT set_config('lock_timeout', '100ms', true)
            )
            SELECT event_id, payload, type, customer_hash, run_at, clock_timestamp(), count
            FROM measured CROSS JOIN brief
            WHERE before < $2
            ORDER BY run_at, event_id
            """,
            .array(events),
            .value(Self.sizeLimit)
        )
        var entries: [Entry] = []
        var startedAt = Timestamp(microseconds: 0)
        var waited: Duration = .zero
        var held = 0
        for row in rows {
            let (id, payload, type, customerHash, due, now, count) = try row.decode(
                String.self, [UInt8]?.self, String?.self, Int.self, Timestamp.self, Timestamp.self, Int.self
            )
            if entries.isEmpty { waited = max(.zero, .microseconds(now.microseconds - due.microseconds)) }
            entries.append(Entry(id: id, payload: payload ?? [], type: type, customerHash: customerHash))
            startedAt = now
            held = count
        }
        self.entries = entries
        self.waited = waited
        leavesMore = isFull || held > entries.count
        self.startedAt = startedAt
        self.worker = worker
        self.connection = connection
        accounts = AccountRows(connection, telling: changes)
        purchases = PurchaseRows(connection)
    }

    /// The database's clock once the accounts are locked.
    package var now: Timestamp { accounts.now }

    /// What prices sell, of those that operators have listed.
    package func prices(_ ids: Set<String>) throws -> [String: Price] {
        guard !ids.isEmpty else { return [:] }
        let rows = try connection.execute(
            "SELECT id, credits, unit_amount FROM tollgate.price WHERE id = ANY ($1)",
            .array(Array(ids))
        )
        let listed = try rows.map { row in
            let (id, credits, unitAmount) = try row.decode(String.self, Int64.self, Int64?.self)
            return (id, Price(credits: credits, unitAmount: unitAmount))
        }
        return Dictionary(listed, uniquingKeysWith: { $1 })
    }

    /// Locks and loads what the events' facts concern: purchases first, for only they tell whose accounts those are.
    /// - Throws: `LockedOut` where somebody else holds some of it.
    package mutating func openBooks(for told: [(event: String, facts: [Fact])]) throws -> Books {
        let facts = told.flatMap(\.facts)
        guard !facts.isEmpty else { return Books() }
        var books: Books
        do {
            books = try purchases.lock(facts.flatMap(\.purchaseObjects))
        } catch let error as PostgresError where error.isLockTimeout {
            let needs = told.map { ($0.event, Set($0.facts.flatMap(\.purchaseObjects))) }
            throw LockedOut(.purchases, needs, error)
        }
        do {
            books.open(
                try accounts.lock(
                    books.customers(concernedBy: facts),
                    invoices: facts.compactMap(\.invoice)
                ).values
            )
        } catch let error as PostgresError where error.isLockTimeout {
            throw LockedOut(.accounts, told.map { ($0.event, books.customers(concernedBy: $0.facts)) }, error)
        }
        return books
    }

    /// Saves what the events did and how each ended, in the transaction that holds them.
    package func save(_ books: Books, outcomes: [(id: String, outcome: EventOutcome)]) throws {
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
            SELECT event_id, w.attempts + 1, $5, greatest($5, clock_timestamp()), e.status, coalesce(e.detail, e.error),
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
    package func describe(_ id: String, as event: Event) throws {
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
