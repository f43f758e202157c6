// SPDX-License-Identifier: Apache-2.0

import Postgres

/// The PostgreSQL server behind a connection, if it runs on this machine: its processor time can then be counted.
struct LocalPostmaster: Sendable {
    private static let names = ["postgres", "postmaster"]

    private let process: Int

    /// Nil if it runs elsewhere, or in a container whose processes have other numbers there.
    init?(of source: DataSource) async throws {
        let database = Database(source, connections: 1)
        let found: Result<Int?, any Error>
        do {
            let backend = try await database.transaction { connection in
                try connection.execute("SELECT pg_backend_pid()::bigint").first?.decode(Int.self)
            }
            // The session stays idle until the database is shut down, so its process still exists to be looked at.
            found = .success(backend.flatMap(Self.parent))
        } catch {
            found = .failure(error)
        }
        try await database.shutdown()
        guard let process = try found.get() else { return nil }
        self.process = process
    }

    /// Processor time of the server and all of its processes, including those that have ended, in seconds.
    var seconds: Double? {
        let all = ProcessTimes.all
        guard let own = all[process] else { return nil }
        let ticks = all.values.reduce(own.ticks) { $0 + ($1.parent == process ? $1.ticks : 0) }
        return Double(ticks) / ProcessTimes.ticksPerSecond
    }

    private static func parent(ofBackend backend: Int) -> Int? {
        guard let times = ProcessTimes(backend), names.contains(times.name),
            let parent = ProcessTimes(times.parent), names.contains(parent.name)
        else { return nil }
        return times.parent
    }
}
