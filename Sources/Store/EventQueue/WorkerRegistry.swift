// SPDX-License-Identifier: Apache-2.0

import Postgres

/// The workers of all processes, and what each holds.
package struct WorkerRegistry: Sendable {
    /// One worker of this process.
    package struct Worker: Sendable, Hashable {
        let id: Int64
    }

    /// The worker was taken for dead because its process had lost its connection: it must register again.
    package struct Deregistered: Error, Hashable {}

    private let database: Database
    private let process: ProcessName

    init(_ database: Database, process: Int32) {
        self.database = database
        self.process = ProcessName(Int(process))
    }

    /// How often it has waited for the database.
    var roundTrips: Int { database.roundTrips }

    func register() async throws -> Worker {
        try await transaction { connection, process in
            let row = try connection.execute(
                "INSERT INTO tollgate.worker (process) VALUES (\(process)::bigint::integer) RETURNING id"
            ).only
            return Worker(id: try row["id"])
        }
    }

    func deregister(_ worker: Worker) async throws {
        try await database.statements { connection in
            _ = try connection.executeAlone("DELETE FROM tollgate.worker WHERE id = \(worker.id)")
        }
    }

    /// The worker no longer holds anything: any worker may take it.
    func release(_ worker: Worker) async throws {
        try await database.statements { connection in
            _ = try connection.executeAlone(Self.release(worker))
        }
    }

    /// What `release` runs, for use in a pipeline.
    static func release(_ worker: Worker) -> SQL { "UPDATE tollgate.worker SET events = '{}' WHERE id = \(worker.id)" }

    /// Lends a session, outside a transaction, that stands for this process once something was `run` in it.
    func session<T: Sendable>(
        _ body: @Sendable @escaping (_ run: (SQL) throws -> Rows) throws -> T
    ) async throws -> T {
        try await database.statements { [process] connection in
            try body { sql in
                // The session may be a new one, so the lock is requested each time, in the same round trip.
                let (lock, rows) = try connection.pipeline { ($0.execute(process.lock), $0.execute(sql)) }
                try process.confirm(try lock.rows, connection)
                return try rows.rows
            }
        }
    }

    /// Runs `body` in one transaction of a session that stands for this process.
    func transaction<T: Sendable>(
        _ body: @Sendable @escaping (_ connection: Connection, _ process: Int) throws -> T
    ) async throws -> T {
        try await database.transaction { [process] connection in
            try body(connection, try process.hold(connection))
        }
    }
}
