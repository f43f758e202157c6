import Postgres

extension Store {
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
}
