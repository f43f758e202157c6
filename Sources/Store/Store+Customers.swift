import Billing
import Notation
import Postgres

/// One line of a customer's timeline as operators see it.
package struct TimelineEntry: Sendable {
    package let customer: String
    package let change: AccessChange
}

/// One line of the credit ledger as operators see it.
package struct LedgerEntry: Sendable {
    package let customer: String
    package let entry: CreditEntry
    package let at: Timestamp
}

/// All that decides about one customer, and how it came to that.
package struct CustomerStatement: Sendable {
    package let answer: AccessAnswer
    package let override: Override?
    package let isDeleted: Bool
    package let subscriptions: [Billing.Subscription]
    /// Debts, and the latest others.
    package let invoices: [Billing.Invoice]
    /// Those that buy credits, or of which something is disputed; 100 at most.
    package let purchases: [PurchaseRecord]
    /// In order; the newest, as many as were asked for.
    package let ledger: [LedgerEntry]
    package let hasMoreLedger: Bool
    /// In order; the newest, as many as were asked for.
    package let timeline: [TimelineEntry]
    package let hasMoreTimeline: Bool
}

extension Store {
    /// Events of a kind that name a customer.
    package struct EventCount: Sendable {
        package let status: EventStatus
        package let detail: String?
        package let count: Int
    }

    /// What became of the events that name a customer, of whom nothing else may be known; of a hundred of them.
    package func events(naming customer: String) async throws -> [EventCount] {
        try await reads.transaction { connection in
            let rows = try connection.execute(
                """
                SELECT w.status, w.detail, count(*)
                FROM (SELECT id FROM tollgate.event WHERE customer_id = $1 LIMIT 100) e
                JOIN tollgate.event_work w ON w.event_id = e.id
                GROUP BY w.status, w.detail
                ORDER BY count(*) DESC, w.status, w.detail
                """,
                .value(customer))
            return try rows.map { row in
                let (status, detail, count) = try row.decode(String.self, String?.self, Int.self)
                return EventCount(status: try known(status), detail: detail, count: count)
            }
        }
    }

    /// - Returns: nil where no event has named the invoice as a subscription's or a debt.
    package func customer(ofInvoice id: String) async throws -> String? {
        try await reads.transaction { connection in
            let rows = try connection.execute(
                "SELECT customer_id FROM tollgate.invoice WHERE id = $1 LIMIT 1", .value(id))
            return try rows.map { try $0.decode(String.self) }.first
        }
    }

    /// - Parameter limit: how many lines of the ledger and of the timeline, the newest.
    /// - Returns: nil for a customer whom no event and no operator has named.
    package func customer(_ id: String, latest limit: Int = 500) async throws -> CustomerStatement? {
        try await reads.transaction { connection -> CustomerStatement? in
            // One moment for all parts: the answer must not be newer than the timeline that explains it.
            try connection.executeScript("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            guard let answer = try AccessReader.answers(of: [id], connection)[id] else { return nil }
            let ledger = try Self.ledger(of: id, latest: limit + 1, connection)
            let timeline = try Self.timeline(of: id, latest: limit + 1, connection)
            return CustomerStatement(
                answer: answer,
                override: try Self.override(of: id, connection),
                isDeleted: try Self.isDeleted(id, connection),
                subscriptions: try Self.subscriptions(of: id, connection),
                invoices: try Self.invoices(of: id, connection),
                purchases: try Self.purchases(of: id, connection),
                ledger: ledger.suffix(limit),
                hasMoreLedger: ledger.count > limit,
                timeline: timeline.suffix(limit),
                hasMoreTimeline: timeline.count > limit
            )
        }
    }

    private static func override(of customer: String, _ connection: Connection) throws -> Override? {
        let rows = try connection.execute(
            """
            SELECT override_allowed, override_reason, override_until, override_operator, override_set_at
            FROM tollgate.account
            WHERE customer_id = $1 AND override_allowed IS NOT NULL
            """,
            .value(customer)
        )
        guard let row = rows.first else { return nil }
        let (allowed, reason, until, name, setAt) = try row.decode(
            Bool.self, String.self, Timestamp?.self, String.self, Timestamp.self
        )
        return Override(allowed: allowed, reason: reason, until: until, operator: name, setAt: setAt)
    }

    private static func isDeleted(_ customer: String, _ connection: Connection) throws -> Bool {
        let rows = try connection.execute(
            "SELECT is_deleted FROM tollgate.account WHERE customer_id = $1",
            .value(customer)
        )
        return try rows.first?.decode(Bool.self) ?? false
    }

    private static func subscriptions(of customer: String, _ connection: Connection) throws -> [Billing.Subscription] {
        let rows = try connection.execute(
            """
            SELECT customer_id, id, status, reported_at, reports, is_ended_unpaid, ended_at, paid, paid_through, payments,
                   period_end, suspended_period_end, voided_through
            FROM tollgate.subscription
            WHERE customer_id = $1
            ORDER BY id
            """,
            .value(customer)
        )
        return try rows.map { try StoredSubscription.decode($0).subscription }
    }

    private static func invoices(of customer: String, _ connection: Connection) throws -> [Billing.Invoice] {
        let rows = try connection.execute(
            """
            SELECT customer_id, id, status, subscription_id, billing_reason, collection_method, first_failed_at, is_top_up
            FROM tollgate.invoice
            WHERE customer_id = $1
            ORDER BY first_failed_at IS NOT NULL AND status IN ('open', 'uncollectible') DESC,
                     first_failed_at DESC NULLS LAST, id
            LIMIT 100
            """,
            .value(customer)
        )
        return try rows.map { try StoredInvoice.decode($0).invoice }
    }

    private static func ledger(of customer: String, latest limit: Int, _ connection: Connection) throws -> [LedgerEntry]
    {
        let rows = try connection.execute(
            """
            SELECT customer_id, number, amount, balance, kind, business_key, event_id, operator, note, at
            FROM tollgate.credit_entry
            WHERE customer_id = $1
            ORDER BY number DESC
            LIMIT $2
            """,
            .value(customer),
            .value(limit)
        )
        return try rows.map(ledgerEntry).reversed()
    }

    static func ledger(ofEvent event: String, _ connection: Connection) throws -> [LedgerEntry] {
        let rows = try connection.execute(
            """
            SELECT customer_id, number, amount, balance, kind, business_key, event_id, operator, note, at
            FROM tollgate.credit_entry
            WHERE event_id = $1
            ORDER BY customer_id, number
            """,
            .value(event)
        )
        return try rows.map(ledgerEntry)
    }

    private static func timeline(of customer: String, latest limit: Int, _ connection: Connection) throws
        -> [TimelineEntry]
    {
        let rows = try connection.execute(
            """
            SELECT customer_id, at, reason, until, version, cause, event_id, operator, note
            FROM tollgate.access_change
            WHERE customer_id = $1
            ORDER BY version DESC
            LIMIT $2
            """,
            .value(customer),
            .value(limit)
        )
        return try rows.map(timelineEntry).reversed()
    }

    static func timeline(ofEvent event: String, _ connection: Connection) throws -> [TimelineEntry] {
        let rows = try connection.execute(
            """
            SELECT customer_id, at, reason, until, version, cause, event_id, operator, note
            FROM tollgate.access_change
            WHERE event_id = $1
            ORDER BY customer_id, version
            """,
            .value(event)
        )
        return try rows.map(timelineEntry)
    }

    private static func ledgerEntry(_ row: Rows.Row) throws -> LedgerEntry {
        let (customer, number, amount, balance, kind, key, event, name, note, at) = try row.decode(
            String.self, Int64.self, Int64.self, Int64.self, String.self, String.self, String?.self, String?.self,
            String?.self, Timestamp.self
        )
        let cause = event.map(Cause.event) ?? .operator(name ?? "", note: note ?? "")
        let entry = CreditEntry(
            number: number, amount: amount, balance: balance, kind: try known(kind), businessKey: key, cause: cause
        )
        return LedgerEntry(customer: customer, entry: entry, at: at)
    }

    private static func timelineEntry(_ row: Rows.Row) throws -> TimelineEntry {
        let (customer, at, reason, until, version, kind, event, name, note) = try row.decode(
            String.self, Timestamp.self, String.self, Timestamp?.self, Int64.self, String.self, String?.self,
            String?.self, String?.self
        )
        let cause: Cause =
            event.map(Cause.event) ?? name.map { .operator($0, note: note ?? "") }
            ?? (kind == Cause.configuration.kind ? .configuration : .time)
        let change = AccessChange(
            at: at, decision: Decision(try known(reason), until: until), version: version, cause: cause
        )
        return TimelineEntry(customer: customer, change: change)
    }
}
