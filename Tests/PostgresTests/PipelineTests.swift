// SPDX-License-Identifier: Apache-2.0

import Postgres
import Synchronization
import TestSupport
import Testing

@Suite struct PipelineTests {
    @Test func `each statement has its own rows, in one round trip with BEGIN`() async throws {
        try await withDatabase { database in
            let trips = try await database.transaction { connection in
                let before = connection.roundTrips
                let (numbers, words) = try connection.pipeline { pipeline in
                    (
                        pipeline.execute("SELECT \(1) AS n UNION ALL SELECT \(2) ORDER BY n"),
                        pipeline.execute("SELECT \("a") AS word")
                    )
                }
                try #expect(numbers.rows.map { try $0["n"] as Int } == [1, 2])
                try #expect(words.rows.only["word"] == "a")
                return connection.roundTrips - before
            }
            #expect(trips == 1)
        }
    }

    @Test func `what comes after an error is not done, and each statement is told so`() async throws {
        try await withDatabase { database in
            try await database.statements { connection in
                try connection.execute("CREATE TABLE public.t (n bigint)")
                var (before, wrong, after): (PendingRows?, PendingRows?, PendingRows?)
                let error = #expect(throws: PostgresError.self) {
                    try connection.pipeline { pipeline in
                        before = pipeline.execute("INSERT INTO public.t VALUES (\(1)) RETURNING n")
                        wrong = pipeline.execute("SELECT 1 / \(0)")
                        after = pipeline.execute("INSERT INTO public.t VALUES (\(2))")
                    }
                }
                #expect(error?.sqlState == "22012")
                try #expect(before?.rows.count == 1)
                #expect(throws: try #require(error)) { try wrong?.rows }
                let aborted = #expect(throws: PostgresError.self) { try after?.rows }
                #expect(aborted?.sqlState == "25P02")
                // They are one transaction, so the first is rolled back too; the connection stays usable.
                try #expect(connection.execute("SELECT count(*) AS n FROM public.t").only["n"] == 0)
            }
        }
    }

    @Test func `an error while a statement is prepared is the statement's`() async throws {
        try await withDatabase { database in
            try await database.statements { connection in
                var (wrong, after): (PendingRows?, PendingRows?)
                for _ in 1...2 {
                    #expect(throws: PostgresError.self) {
                        try connection.pipeline { pipeline in
                            wrong = pipeline.execute("SELECT nothing")
                            after = pipeline.execute("SELECT 'after' AS word")
                        }
                    }
                    let error = #expect(throws: PostgresError.self) { try wrong?.rows }
                    #expect(error?.sqlState == "42703")
                }
                #expect(throws: PostgresError.self) { try after?.rows }
                // It was not prepared then, and is not recorded as prepared.
                try #expect(connection.execute("SELECT 'after' AS word").only["word"] == "after")
            }
        }
    }

    @Test func `a statement is prepared once, also by a pipeline that holds it twice`() async throws {
        try await withDatabase(connections: 1) { database in
            let count: SQL =
                "SELECT count(*) AS n FROM pg_prepared_statements WHERE statement LIKE 'SELECT $1 AS mine%'"
            @Sendable func mine(_ n: Int) -> SQL { "SELECT \(n) AS mine" }
            for _ in 1...2 {
                try await database.statements { connection in
                    let (one, two) = try connection.pipeline { ($0.execute(mine(1)), $0.execute(mine(2))) }
                    try #expect(one.rows.only["mine"] == 1)
                    try #expect(two.rows.only["mine"] == 2)
                    try #expect(connection.execute(mine(3)).only["mine"] == 3)
                    try #expect(connection.execute(count).only["n"] == 1)
                }
            }
        }
    }

    @Test func `an error in a transaction leaves nothing of it, and the connection is usable`() async throws {
        try await withDatabase(connections: 1) { database in
            _ = try await database.statements { try $0.execute("CREATE TABLE public.t (n bigint PRIMARY KEY)").count }
            let error = await #expect(throws: PostgresError.self) {
                try await database.transaction { connection in
                    try connection.pipeline { pipeline in
                        for n in [1, 2, 1] { pipeline.execute("INSERT INTO public.t VALUES (\(n))") }
                    }
                }
            }
            #expect(error?.sqlState == "23505")
            let count: Int = try await database.transaction { connection in
                try connection.execute("SELECT count(*) AS n FROM public.t").only["n"]
            }
            #expect(count == 0)
        }
    }

    @Test func `BEGIN, statements and COMMIT can be one round trip`() async throws {
        try await withDatabase(connections: 1) { database in
            _ = try await database.statements { try $0.execute("CREATE TABLE public.t (n bigint)").count }
            let before = database.roundTrips
            try await database.transaction { connection in
                try connection.commit { pipeline in
                    for n in 1...3 { pipeline.execute("INSERT INTO public.t VALUES (\(n))") }
                }
            }
            #expect(database.roundTrips - before == 1)
            let count: Int = try await database.transaction { connection in
                try connection.execute("SELECT count(*) AS n FROM public.t").only["n"]
            }
            #expect(count == 3)
        }
    }

    @Test func `nothing can follow a commit in its transaction`() async throws {
        try await withDatabase { database in
            let error = await #expect(throws: PostgresError.self) {
                try await database.transaction { connection in
                    try connection.commit { $0.execute("SELECT 1") }
                    try connection.execute("SELECT 1")
                }
            }
            #expect(error?.sqlState == "25000")
        }
    }

    @Test func `what a deferred constraint refuses at the COMMIT of a pipeline is not committed, and said to be so`()
        async throws
    {
        try await withDatabase(connections: 1) { database in
            try await database.statements { connection in
                _ = try connection.execute("CREATE TABLE public.t (n bigint UNIQUE DEFERRABLE INITIALLY DEFERRED)")
            }
            let backend: SQL = "SELECT pg_backend_pid() AS pid"
            let before: Int = try await database.statements { try $0.execute(backend).only["pid"] }
            let told = Mutex(false)
            let error = await #expect(throws: PostgresError.self) {
                try await database.transaction { connection in
                    connection.afterCommit { told.withLock { $0 = true } }
                    try connection.commit { pipeline in
                        pipeline.execute("INSERT INTO public.t VALUES (\(1)), (\(1))")
                    }
                }
            }
            #expect(error?.sqlState == "23505")
            #expect(!told.withLock { $0 })
            // The same if only the end of the pipeline commits.
            let alone = await #expect(throws: PostgresError.self) {
                try await database.statements { connection in
                    _ = try connection.pipeline { $0.execute("INSERT INTO public.t VALUES (\(2)), (\(2))") }
                }
            }
            #expect(alone?.sqlState == "23505")
            let after: Int = try await database.statements { try $0.execute(backend).only["pid"] }
            #expect(after == before)
            let count: Int = try await database.statements { connection in
                try connection.execute("SELECT count(*) AS n FROM public.t").only["n"]
            }
            #expect(count == 0)
        }
    }

    @Test func `a session that dies in the middle of a pipeline fails its statements, and no commit is believed in`()
        async throws
    {
        try await withDatabase(connections: 1) { database in
            let told = Mutex(false)
            let replies = Mutex<[PostgresError?]>([])
            let lost = await #expect(throws: PostgresError.self) {
                try await database.transaction { connection in
                    connection.afterCommit { told.withLock { $0 = true } }
                    try connection.execute("SELECT 1")
                    var (before, after): (PendingRows?, PendingRows?)
                    defer { replies.withLock { $0 = [before, after].map(Self.error) } }
                    try connection.pipeline { pipeline in
                        before = pipeline.execute("SELECT pg_terminate_backend(pg_backend_pid())")
                        after = pipeline.execute("SELECT 2")
                    }
                }
            }
            #expect(lost?.isConnectionLoss == true)
            #expect(lost?.sqlState != "08007")
            let errors = replies.withLock { $0 }
            #expect(errors.first??.isConnectionLoss == true)
            #expect(errors.count == 2 && errors.allSatisfy { $0 != nil })
            #expect(!told.withLock { $0 })
            // The next transaction has another session.
            let count = try await database.transaction { try $0.execute("SELECT 1").count }
            #expect(count == 1)
        }
    }

    private static func error(of pending: PendingRows?) -> PostgresError? {
        do throws(PostgresError) {
            _ = try pending?.rows
            return nil
        } catch {
            return error
        }
    }

    @Test func `a session that dies with a COMMIT on its way leaves the outcome unknown, and that is told`()
        async throws
    {
        try await withDatabase(connections: 1) { database in
            let told = Mutex(false)
            let unknown = await #expect(throws: PostgresError.self) {
                try await database.transaction { connection in
                    connection.afterCommit { told.withLock { $0 = true } }
                    try connection.commit { pipeline in
                        pipeline.execute("SELECT pg_terminate_backend(pg_backend_pid())")
                    }
                }
            }
            #expect(unknown?.sqlState == "08007")
            #expect(told.withLock { $0 })
            let count = try await database.transaction { try $0.execute("SELECT 1").count }
            #expect(count == 1)
        }
    }

    @Test func `statements and answers may be larger than what the network holds at once`() async throws {
        try await withDatabase(connections: 1) { database in
            let text = String(repeating: "0123456789abcdef", count: 1 << 17)
            try await database.transaction { connection in
                let replies = try connection.pipeline { pipeline in
                    (0..<12).map { n in pipeline.execute("SELECT \(text) || \(String(n)) AS text") }
                }
                for (n, reply) in replies.enumerated() {
                    try #expect(reply.rows.only["text"] == text + String(n))
                }
            }
        }
    }

    @Test func `a pipeline is given up once all its statements have had their time`() async throws {
        let settings = SessionSettings(statementTimeout: .milliseconds(300))
        try await withDatabase(connections: 1, settings: settings) { database in
            // Together longer than the limit of one statement, each within it.
            try await database.transaction { connection in
                try connection.pipeline { pipeline in
                    for _ in 0..<8 { pipeline.execute("SELECT pg_sleep(0.2)") }
                }
            }
            let error = await #expect(throws: PostgresError.self) {
                try await database.transaction { connection in
                    try connection.pipeline { pipeline in
                        pipeline.execute("SELECT 1")
                        pipeline.execute("SELECT pg_sleep(30)")
                    }
                }
            }
            #expect(error?.sqlState == "57014")
            let slept = try await database.transaction { connection in
                try connection.pipeline { pipeline in
                    pipeline.extendTimeout(to: .seconds(30))
                    return pipeline.execute("SELECT true FROM pg_sleep(1.5)")
                }.rows.count
            }
            #expect(slept == 1)
        }
    }
}
