// SPDX-License-Identifier: Apache-2.0

import Postgres
import TestSupport

/// Makes any worker that handles a customer's events wait in the middle of it.
struct AccountHolder {
    private let database: TestDatabase

    init(_ database: TestDatabase) {
        self.database = database
    }

    func hold(_ customer: String, while body: () async throws -> Void) async throws {
        try await run(
            """
            CREATE FUNCTION tollgate.hold() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN PERFORM pg_sleep(3600); RETURN NEW; END $$;
            CREATE TRIGGER held BEFORE INSERT OR UPDATE ON tollgate.account FOR EACH ROW
            WHEN (NEW.customer_id = '\(customer)') EXECUTE FUNCTION tollgate.hold()
            """)
        try await body()
        try await run("DROP TRIGGER held ON tollgate.account; DROP FUNCTION tollgate.hold()")
    }

    private func run(_ sql: String) async throws {
        try await TestDatabase.transaction(on: database.source) { _ = try $0.executeScript(sql) }
    }

    /// Waits until a worker is held, or none is.
    func isWaitedFor(_ expected: Bool = true) async throws {
        try await eventually(expected ? "a worker that waits" : "the end of a wait") { connection in
            let waiting =
                try connection.execute(
                    """
                    SELECT count(*) FROM pg_stat_activity
                    WHERE datname = current_database() AND application_name = 'tollgate-worker'
                      AND wait_event = 'PgSleep'
                    """
                ).first?.decode(Int.self) ?? 0
            return (waiting > 0) == expected
        }
    }

    /// Waits until this many crashes are counted, and makes the suspect due.
    func endRespite(of event: String, after crashes: Int) async throws {
        try await eventually("\(crashes) crashes of \(event)") { connection in
            try connection.execute(
                """
                UPDATE tollgate.event_work SET run_at = now()
                WHERE event_id = \(event) AND crashes = \(crashes)
                RETURNING event_id
                """
            ).count == 1
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
