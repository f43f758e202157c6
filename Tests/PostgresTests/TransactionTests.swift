// SPDX-License-Identifier: Apache-2.0

import Postgres
import Synchronization
import TestSupport
import Testing

@Suite struct TransactionTests {
    @Test func `BEGIN costs no round trip of its own, and a transaction without statements none at all`() async throws {
        try await withDatabase(connections: 1) { database in
            _ = try await database.transaction { try $0.execute("SELECT 1").count }
            let before = database.roundTrips
            _ = try await database.transaction { try $0.execute("SELECT 1").count }
            #expect(database.roundTrips - before == 2)
            try await database.transaction { _ in }
            #expect(database.roundTrips - before == 2)
        }
    }

    @Test func `statements of a transaction are one, whichever came first`() async throws {
        try await withDatabase { database in
            struct Stop: Error {}
            _ = try await database.statements { try $0.execute("CREATE TABLE public.t (n bigint)").count }
            for script in [false, true] {
                await #expect(throws: Stop.self) {
                    try await database.transaction { connection in
                        if script { try connection.executeScript("INSERT INTO public.t VALUES (1)") }
                        try connection.execute("INSERT INTO public.t VALUES (\(2))")
                        throw Stop()
                    }
                }
            }
            let count: Int = try await database.statements { connection in
                try connection.execute("SELECT count(*) AS n FROM public.t").only["n"]
            }
            #expect(count == 0)
        }
    }

    @Test func `a snapshot sees one moment, and writes nothing`() async throws {
        try await withDatabase { database in
            _ = try await database.statements { connection in
                try connection.execute("CREATE TABLE public.t (n bigint)").count
            }
            try await database.transaction(mode: .snapshot) { connection in
                let settings = try connection.execute(
                    """
                    SELECT current_setting('transaction_isolation') AS isolation,
                           current_setting('transaction_read_only') AS read_only
                    """
                ).only
                try #expect(settings["isolation"] == "repeatable read")
                try #expect(settings["read_only"] == "on")
            }
            let error = await #expect(throws: PostgresError.self) {
                try await database.transaction(mode: .snapshot) { connection in
                    try connection.execute("INSERT INTO public.t VALUES (\(1))").count
                }
            }
            #expect(error?.sqlState == "25006")
        }
    }

    /// The session may not be known to be dead when its first statement is sent.
    @Test func `a session that dies before BEGIN is answered is replaced, and the statement is done once`() async throws
    {
        try await withDatabase { database in
            _ = try await database.statements { try $0.execute("CREATE TABLE public.t (n bigint)").count }
            for _ in 1...20 {
                let backend: Int = try await database.transaction { connection in
                    try connection.execute("SELECT pg_backend_pid() AS pid").only["pid"]
                }
                // Returns before the backend is gone.
                try await TestDatabase.administer("SELECT pg_terminate_backend(\(backend))")
                _ = try await database.transaction { try $0.execute("INSERT INTO public.t VALUES (\(1))").count }
            }
            let count: Int = try await database.statements { connection in
                try connection.execute("SELECT count(*) AS n FROM public.t").only["n"]
            }
            #expect(count == 20)
        }
    }

    @Test func `what is to follow a commit follows it, and no rollback`() async throws {
        struct Stop: Error {}
        try await withDatabase { database in
            let told = Mutex<[String]>([])
            try await database.transaction { connection in
                connection.afterCommit { told.withLock { $0.append("first") } }
                try connection.execute("SELECT 1")
                connection.afterCommit { told.withLock { $0.append("second") } }
                #expect(told.withLock { $0 } == [])
            }
            #expect(told.withLock { $0 } == ["first", "second"])
            await #expect(throws: Stop.self) {
                try await database.transaction { connection in
                    connection.afterCommit { told.withLock { $0.append("never") } }
                    try connection.execute("SELECT 1")
                    throw Stop()
                }
            }
            await #expect(throws: PostgresError.self) {
                try await database.transaction { connection in
                    connection.afterCommit { told.withLock { $0.append("never") } }
                    // The error is caught, as careless code might; COMMIT then answers ROLLBACK.
                    _ = try? connection.execute("SELECT 1 / \(0)")
                }
            }
            try await database.transaction { _ in }
            #expect(told.withLock { $0 } == ["first", "second"])
        }
    }

    @Test func `a body that fails after its commit has committed`() async throws {
        struct Stop: Error {}
        try await withDatabase { database in
            let told = Mutex(0)
            _ = try await database.statements { try $0.execute("CREATE TABLE public.t (n bigint)").count }
            await #expect(throws: Stop.self) {
                try await database.transaction { connection in
                    connection.afterCommit { told.withLock { $0 += 1 } }
                    try connection.commit { $0.execute("INSERT INTO public.t VALUES (\(1))") }
                    throw Stop()
                }
            }
            #expect(told.withLock { $0 } == 1)
            #expect(try await database.statements { try $0.execute("SELECT FROM public.t").count } == 1)
        }
    }
}
