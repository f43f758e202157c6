import Postgres
import TestSupport

/// Another session that holds a customer's account, so that whoever handles the customer's events waits.
struct AccountHolder {
    private let database: TestDatabase

    init(_ database: TestDatabase) {
        self.database = database
    }

    func hold(_ customer: String, while body: () async throws -> Void) async throws {
        try await TestDatabase.hold(database.source) { connection in
            try connection.execute(
                """
                INSERT INTO tollgate.account (customer_id, allowed, reason, changed_at, version)
                VALUES ($1, false, 'no_subscription', now(), 1)
                """,
                .value(customer)
            )
        } while: {
            try await body()
        }
    }

    /// Waits until a worker waits, or none does.
    func isWaitedFor(_ expected: Bool = true) async throws {
        try await eventually(expected ? "a worker that waits" : "the end of a wait") { connection in
            let waiting =
                try connection.execute(
                    """
                    SELECT count(*) FROM pg_stat_activity
                    WHERE datname = current_database() AND application_name = 'tollgate-worker'
                      AND wait_event_type = 'Lock'
                    """
                ).first?.decode(Int.self) ?? 0
            return (waiting > 0) == expected
        }
    }

    /// Waits until so many deaths are counted, and lets the suspect be due.
    func endRespite(of event: String, after deaths: Int) async throws {
        try await eventually("\(deaths) deaths of \(event)") { connection in
            try connection.execute(
                "UPDATE tollgate.event_work SET run_at = now() WHERE event_id = $1 AND deaths = $2",
                .value(event),
                .value(deaths)
            ).affected == 1
        }
    }

    private func eventually(_ what: String, _ body: @escaping @Sendable (Connection) throws -> Bool) async throws {
        let watcher = Database(database.source, connections: 1)
        let result: Result<Void, any Error>
        do {
            try await TestSupport.eventually(what) { () -> Bool? in
                try await watcher.transaction { connection in try body(connection) } ? true : nil
            }
            result = .success(())
        } catch {
            result = .failure(error)
        }
        try await watcher.shutdown()
        try result.get()
    }
}
