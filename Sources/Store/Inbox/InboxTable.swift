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
            // One rejected value aborts the whole statement: it must not fail the others.
            guard deliveries.count > 1 else { return [.refused(error.loggable)] }
            return try deliveries.flatMap { try insert([$0], connection) }
        }
    }

    /// Writes nothing, but takes the locks of a write.
    func probe() async throws {
        try await database.statements { connection in
            try connection.execute("INSERT INTO tollgate.event (id) SELECT 'probe' WHERE false")
            try connection.execute("INSERT INTO tollgate.event_work (event_id, status) SELECT 'probe', '' WHERE false")
            try Self.waitForStandby(connection)
        }
    }

    /// As part of a transaction, which one rejected value aborts, and which has to write something else too: then its commit
    /// waits for the standby.
    /// - Returns: the ids that were new.
    static func insertUnknown(_ deliveries: [Delivery], in connection: Connection) throws -> Set<String> {
        guard !deliveries.isEmpty else { return [] }
        return Set(try connection.execute(insertion(of: inOrder(deliveries))).map { try $0["id"] })
    }

    /// In the order of ids, so that two batches that share some wait for each other and never deadlock; each id once.
    private static func inOrder(_ deliveries: [Delivery]) -> [Delivery] {
        var seen: Set<String> = []
        return deliveries.sorted { $0.id < $1.id }.filter { seen.insert($0.id).inserted }
    }

    /// - Returns: the ids that were new.
    private static func insertUnknown(_ deliveries: [Delivery], _ connection: Connection) throws -> Set<String> {
        let sorted = inOrder(deliveries)
        let rows = try connection.executeAlone(insertion(of: sorted))
        let fresh: Set<String> = Set(try rows.map { try $0["id"] })
        if fresh.count < sorted.count {
            // The row of a duplicate may have been committed without its synchronous standby.
            try waitForStandby(connection)
        }
        return fresh
    }

    /// What a delivery says of itself, as `event` keeps it.
    private static let columns: SQL =
        "id, type, created, livemode, account, api_version, customer_id, payload, secret, source"

    private static let rows = Unnest<Delivery> {
        Column.key("id", \.id)
        Column("type") { $0.event?.type }
        Column("created") { $0.event?.created }
        Column("livemode") { $0.event?.livemode }
        Column("account") { $0.event?.account }
        Column("api_version") { $0.event?.apiVersion }
        Column("customer_id") { $0.event?.customer }
        Column("payload", \.payload)
        Column("quarantine", \.quarantine)
        Column("received_at", \.receivedAt)
        Column("secret", \.secret)
        Column("source", \.source.rawValue)
    }

    private static func insertion(of deliveries: [Delivery]) -> SQL {
        """
        WITH arrived AS (
            SELECT * FROM \(rows.table(deliveries))
        ), kept AS (
            INSERT INTO tollgate.event (\(columns), received_at)
            -- Nothing came later than now, whatever the clock said of the machine that spooled it.
            SELECT \(columns), least(received_at, clock_timestamp())
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
        """
    }

    /// Waits for the synchronous standby, if there is one, to have everything that was committed: only a transaction
    /// that wrote something waits for it.
    private static func waitForStandby(_ connection: Connection) throws {
        try connection.executeAlone(
            """
            SELECT pg_logical_emit_message(true, 'tollgate', '')
            WHERE current_setting('synchronous_standby_names') <> ''
            """
        )
    }
}
