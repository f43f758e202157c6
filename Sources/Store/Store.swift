import Billing
import Logging
import Postgres

/// All of Tollgate's SQL: one method is one business act is one transaction. Ingest, processing and reads have
/// pools of their own, so that none can starve another.
public final class Store: Sendable {
    public let inbox: Inbox
    public let roster: Roster
    /// Rings when events have become pending in this process.
    public let arrivals: Doorbell
    public let accessChanges: AccessChanges
    public let access: AccessReader
    /// Where whoever has trouble with the database says so.
    public let outages: Outages
    public let aside = SetAside()
    let processing: Database
    let reads: Database
    let listening: Database
    private let ingest: Database
    private let journal: Database

    /// Opens nothing yet.
    /// - Parameter process: names this process among all that work on the database; drawn at random.
    public init(_ source: DataSource, process: Int32 = .random(in: 1 ... .max), logger: Logger) {
        arrivals = Doorbell()
        outages = Outages(logger: logger)
        let accessChanges = AccessChanges()
        self.accessChanges = accessChanges
        ingest = Database(
            source,
            // The next batch goes while the answers to the last one are given.
            connections: 2,
            settings: SessionSettings(
                applicationName: "tollgate-ingest",
                connectTimeout: .seconds(2),
                statementTimeout: .seconds(5),
                lockTimeout: .seconds(2),
                idleInTransactionTimeout: .seconds(5)
            )
        )
        // Three workers, the sweeper, and one for replays and retention.
        processing = Database(
            source,
            connections: 5,
            settings: SessionSettings(applicationName: "tollgate-worker"),
            announced: accessChanges.tell
        )
        listening = Database(
            source,
            connections: 1,
            settings: SessionSettings(
                applicationName: "tollgate-listener", connectTimeout: .seconds(2), statementTimeout: .seconds(2))
        )
        // What it holds only matters while the server stands.
        journal = Database(
            source,
            connections: 1,
            settings: SessionSettings(
                applicationName: "tollgate-roster", connectTimeout: .seconds(2), statementTimeout: .seconds(10),
                isDurable: false)
        )
        roster = Roster(journal, process: process)
        reads = Database(
            source,
            connections: 4,
            settings: SessionSettings(
                applicationName: "tollgate-api",
                connectTimeout: .seconds(2),
                statementTimeout: .seconds(5),
                lockTimeout: .seconds(3),
                idleInTransactionTimeout: .seconds(5)
            ),
            announced: accessChanges.tell
        )
        access = AccessReader(reads)
        inbox = Inbox(ingest, arrivals: arrivals, outages: outages, logger: logger)
    }

    /// Whether events can be made durable right now: a session that may write.
    public func isWritable() async throws -> Bool {
        try await reads.transaction { connection in
            let rows = try connection.execute("SELECT NOT pg_is_in_recovery()")
            return try rows.first?.decode(Bool.self) ?? false
        }
    }

    /// Closes all connections once running work is done.
    public func close() async throws {
        try await ingest.shutdown()
        try await processing.shutdown()
        try await journal.shutdown()
        try await listening.shutdown()
        try await reads.shutdown()
    }
}
