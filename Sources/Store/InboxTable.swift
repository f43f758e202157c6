// SPDX-License-Identifier: Apache-2.0

import Postgres

/// The SQL of the inbox: one round trip and one commit for many deliveries.
struct InboxTable: Sendable {
    private let database: Database

    init(_ database: Database) {
        self.database = database
    }

    /// - Throws: `PostgresError`; then nothing is known to be written.
    func insert(_ deliveries: [Delivery]) async throws -> [Inbox.InsertResult] {
        try await database.statements { try Self.insert(deliveries, $0) }
    }

    static func insert(_ deliveries: [Delivery], _ connection: Connection) throws -> [Inbox.InsertResult] {
        do {
            var fresh = try insertUnknown(deliveries, connection)
            // Of several copies in one batch, one is the event and the others are its duplicates.
            return deliveries.map { fresh.remove($0.id) == nil ? .duplicate : .stored }
        } catch let error as PostgresError where error.isDataError {
            // One refused value aborts the whole statement: it must not fail the others.
            guard deliveries.count > 1 else { return [.refused(error.description)] }
            return try deliveries.flatMap { try insert([$0], connection) }
        }
    }

    /// Writes nothing, but takes the locks of a write.
    func probe() async throws {
        try await database.statements { connection in
            _ = try connection.execute("INSERT INTO tollgate.event (id) SELECT 'probe' WHERE false")
            _ = try connection.execute(
                "INSERT INTO tollgate.event_work (event_id, status) SELECT 'probe', '' WHERE false")
            try Self.waitForStandby(connection)
        }
    }

    /// - Returns: the ids that were not there before.
    private static func insertUnknown(_ deliveries: [Delivery], _ connection: Connection) throws -> Set<String> {
        // In the order of ids, so that two batches that share some wait for each other and never deadlock.
        var seen: Set<String> = []
        let sorted = deliveries.sorted { $0.id < $1.id }.filter { seen.insert($0.id).inserted }
        let rows = try connection.executeAlone(
            """
            WITH arrived AS (
                SELECT * FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::boolean[], $5::text[],
                                     $6::text[], $7::text[], $8::bytea[], $9::text[], $10::timestamptz[],
                                     $11::text[])
                    AS a (id, type, created, livemode, account, api_version, customer_id, payload, quarantine,
                          received_at, secret)
            ), kept AS (
                INSERT INTO tollgate.event (id, type, created, livemode, account, api_version, customer_id, payload,
                                            received_at, secret)
                SELECT id, type, created, livemode, account, api_version, customer_id, payload,
                       -- Nothing came later than now, whatever the clock said of the machine that spooled it.
                       least(received_at, clock_timestamp()), secret
                FROM arrived
                ON CONFLICT (id) DO NOTHING
                RETURNING id
            ), queued AS (
                INSERT INTO tollgate.event_work (event_id, status, error, customer_hash)
                SELECT id, CASE WHEN quarantine IS NULL THEN 'pending' ELSE 'quarantined' END, quarantine,
                       (hashtext(coalesce(customer_id, id)) & 32767)::smallint
                FROM kept JOIN arrived USING (id)
            )
            SELECT id FROM kept
            """,
            .array(sorted.map(\.id)),
            .array(sorted.map { $0.event?.type }),
            .array(sorted.map { $0.event?.created }),
            .array(sorted.map { $0.event?.livemode }),
            .array(sorted.map { $0.event?.account }),
            .array(sorted.map { $0.event?.apiVersion }),
            .array(sorted.map { $0.event?.customer }),
            .array(sorted.map(\.payload)),
            .array(sorted.map(\.quarantine)),
            .array(sorted.map(\.receivedAt)),
            .array(sorted.map(\.secret))
        )
        let fresh: Set<String> = Set(try rows.map { try $0.decode(String.self) })
        if fresh.count < sorted.count {
            // The row of a duplicate may have been committed without its synchronous standby.
            try waitForStandby(connection)
        }
        return fresh
    }

    /// Waits for the synchronous standby, where there is one, to have all that was committed: only a transaction that
    /// wrote something waits for it.
    private static func waitForStandby(_ connection: Connection) throws {
        try connection.executeAlone(
            """
            SELECT pg_logical_emit_message(true, 'tollgate', '')
            WHERE current_setting('synchronous_standby_names') <> ''
            """
        )
    }
}
