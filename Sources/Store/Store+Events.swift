import Notation
import Postgres

/// One event as operators see it.
package struct EventRecord: Sendable {
    package let id: String
    package let type: String?
    package let status: EventStatus
    package let created: Timestamp?
    package let receivedAt: Timestamp
    package let customer: String?
    package let livemode: Bool?
    package let account: String?
    package let apiVersion: String?
    /// What the secret is called that signed it; nil where that is not known.
    package let secret: String?
    package let attempts: Int
    package let detail: String?
    package let error: String?
}

/// Which events to list. Nil means any.
package struct EventFilter: Sendable {
    package var status: EventStatus?
    package var type: String?
    package var customer: String?
    /// By Stripe's `created`, exclusive.
    package var createdAfter: Timestamp?
    /// The same, from the other side.
    package var createdBefore: Timestamp?
    /// By when it was received, exclusive.
    package var receivedAfter: Timestamp?
    package var receivedBefore: Timestamp?
    /// What the secret is called that signed it.
    package var secret: String?
    /// The id of the last event of the page before.
    package var startingAfter: String?

    package init(
        status: EventStatus? = nil,
        type: String? = nil,
        customer: String? = nil,
        createdAfter: Timestamp? = nil,
        createdBefore: Timestamp? = nil,
        startingAfter: String? = nil
    ) {
        self.status = status
        self.type = type
        self.customer = customer
        self.createdAfter = createdAfter
        self.createdBefore = createdBefore
        self.startingAfter = startingAfter
    }
}

/// One event with all that is kept about it.
package struct EventStatement: Sendable {
    package struct Attempt: Sendable {
        package let number: Int
        package let startedAt: Timestamp
        package let finishedAt: Timestamp
        package let outcome: String
        package let message: String?
        /// Who asked for a replay; nil for an attempt of its own.
        package let `operator`: String?
    }

    package let record: EventRecord
    /// The exact bytes; nil once pruned.
    package let payload: [UInt8]?
    package let attempts: [Attempt]
    /// What it changed.
    package let changes: [TimelineEntry]
    package let ledger: [LedgerEntry]
}

/// What became of a request to replay an event.
package enum ReplayResult: Sendable {
    case queued, unknown, pending, pruned
}

extension Store {
    /// The newest first, by when they were received.
    /// - Returns: nil where `startingAfter` is no known event.
    package func events(_ filter: EventFilter, limit: Int) async throws -> (page: [EventRecord], hasMore: Bool)? {
        try await reads.transaction { connection in
            // Planned for these filters and no others: the few that failed are found by their own index, however
            // many events there are.
            try connection.executeScript("SET LOCAL plan_cache_mode = force_custom_plan")
            try connection.extendTimeout(to: .seconds(30))
            if let id = filter.startingAfter {
                let rows = try connection.execute("SELECT 1 FROM tollgate.event WHERE id = $1", .value(id))
                guard rows.first != nil else { return nil }
            }
            let rows = try connection.execute(
                """
                SELECT e.id, e.type, w.status, e.created, e.received_at, e.customer_id, e.livemode, e.account,
                       e.api_version, e.secret, w.attempts, w.detail, w.error
                FROM tollgate.event e
                JOIN tollgate.event_work w ON w.event_id = e.id
                WHERE ($1::text IS NULL OR w.status = $1)
                  AND ($2::text IS NULL OR e.type = $2)
                  AND ($3::text IS NULL OR e.customer_id = $3)
                  AND ($4::timestamptz IS NULL OR e.created > $4)
                  AND ($5::timestamptz IS NULL OR e.created < $5)
                  AND ($6::timestamptz IS NULL OR e.received_at > $6)
                  AND ($7::timestamptz IS NULL OR e.received_at < $7)
                  AND ($8::text IS NULL OR e.secret = $8)
                  AND ($9::text IS NULL OR (e.received_at, e.id) <
                          (SELECT s.received_at, s.id FROM tollgate.event s WHERE s.id = $9))
                ORDER BY e.received_at DESC, e.id DESC
                LIMIT $10
                """,
                .value(filter.status?.rawValue),
                .value(filter.type),
                .value(filter.customer),
                .value(filter.createdAfter),
                .value(filter.createdBefore),
                .value(filter.receivedAfter),
                .value(filter.receivedBefore),
                .value(filter.secret),
                .value(filter.startingAfter),
                .value(limit + 1)
            )
            let records = try rows.map(Self.record)
            return (Array(records.prefix(limit)), records.count > limit)
        }
    }

    /// - Returns: nil for an unknown id.
    package func event(_ id: String) async throws -> EventStatement? {
        try await reads.transaction { connection in
            let rows = try connection.execute(
                """
                SELECT e.id, e.type, w.status, e.created, e.received_at, e.customer_id, e.livemode, e.account,
                       e.api_version, e.secret, w.attempts, w.detail, w.error
                FROM tollgate.event e
                JOIN tollgate.event_work w ON w.event_id = e.id
                WHERE e.id = $1
                """,
                .value(id)
            )
            guard let row = rows.first else { return nil }
            let payload = try connection.execute("SELECT payload FROM tollgate.event WHERE id = $1", .value(id))
            let attempts = try connection.execute(
                """
                SELECT number::bigint, started_at, finished_at, outcome, message, operator
                FROM tollgate.event_attempt
                WHERE event_id = $1
                ORDER BY number
                """,
                .value(id)
            )
            return EventStatement(
                record: try Self.record(row),
                payload: try payload.first?.decode([UInt8]?.self) ?? nil,
                attempts: try attempts.map { row in
                    let (number, startedAt, finishedAt, outcome, message, name) = try row.decode(
                        Int.self, Timestamp.self, Timestamp.self, String.self, String?.self, String?.self
                    )
                    return EventStatement.Attempt(
                        number: number,
                        startedAt: startedAt,
                        finishedAt: finishedAt,
                        outcome: outcome,
                        message: message,
                        operator: name
                    )
                },
                changes: try Self.timeline(ofEvent: id, connection),
                ledger: try Self.ledger(ofEvent: id, connection)
            )
        }
    }

    /// Makes an event pending again; every earlier attempt is kept.
    package func replay(_ id: String, operator name: String) async throws -> ReplayResult {
        let result: ReplayResult = try await reads.transaction { connection in
            // Both rows: retention, which holds them while it takes the payload, is waited for and seen.
            let rows = try connection.execute(
                """
                SELECT w.status, e.payload IS NULL
                FROM tollgate.event_work w
                JOIN tollgate.event e ON e.id = w.event_id
                WHERE w.event_id = $1
                FOR UPDATE
                """,
                .value(id)
            )
            guard let (status, isPruned) = try rows.first?.decode(String.self, Bool.self) else { return .unknown }
            if status == EventStatus.pending.rawValue { return .pending }
            if isPruned { return .pruned }
            try connection.execute(
                """
                UPDATE tollgate.event_work
                SET status = 'pending', detail = NULL, error = NULL, run_at = clock_timestamp(), requested_by = $2,
                    deaths = 0
                WHERE event_id = $1
                """,
                .value(id),
                .value(name)
            )
            return .queued
        }
        if case .queued = result { arrivals.ring() }
        return result
    }

    static func record(_ row: Rows.Row) throws -> EventRecord {
        let (
            id, type, status, created, receivedAt, customer, livemode, account, apiVersion, secret, attempts, detail,
            error
        ) = try row.decode(
            String.self, String?.self, String.self, Timestamp?.self, Timestamp.self, String?.self, Bool?.self,
            String?.self, String?.self, String?.self, Int.self, String?.self, String?.self
        )
        return EventRecord(
            id: id,
            type: type,
            status: try known(status),
            created: created,
            receivedAt: receivedAt,
            customer: customer,
            livemode: livemode,
            account: account,
            apiVersion: apiVersion,
            secret: secret,
            attempts: attempts,
            detail: detail,
            error: error
        )
    }
}
