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
        let watcher = Database(database.source, connections: 1)
        let result: Result<Void, any Error>
        do {
            try await eventually(expected ? "a worker that waits" : "the end of a wait") { () -> Bool? in
                let waiting = try await watcher.transaction { connection in
                    try connection.execute(
                        """
                        SELECT count(*) FROM pg_stat_activity
                        WHERE datname = current_database() AND application_name = 'tollgate-worker'
                          AND wait_event_type = 'Lock'
                        """
                    ).first?.decode(Int.self) ?? 0
                }
                return (waiting > 0) == expected ? true : nil
            }
            result = .success(())
        } catch {
            result = .failure(error)
        }
        try await watcher.shutdown()
        try result.get()
    }
}
