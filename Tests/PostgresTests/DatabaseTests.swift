// SPDX-License-Identifier: Apache-2.0

import Notation
import Postgres
import TestSupport
import Testing

@Suite struct DatabaseTests {
    @Test func `every type comes back as it was sent`() async throws {
        try await withDatabase { database in
            try await database.transaction { connection in
                let time = Timestamp(microseconds: 1_795_478_400_000_001)
                let rows = try connection.execute(
                    """
                    SELECT \("naïve 🚦"), \(Int64.min), \(true), \([0, 255, 10] as [UInt8]), \(time),
                           \(Duration.seconds(-259_200)), \(nil as Int64?)
                    """)
                let row = try #require(rows.first)
                let (text, number, flag, bytes, timestamp, duration, none) = try row.decode(
                    String.self, Int64.self, Bool.self, [UInt8].self, Timestamp.self, Duration.self,
                    Int64?.self
                )
                #expect(text == "naïve 🚦")
                #expect(number == .min)
                #expect(flag)
                #expect(bytes == [0, 255, 10])
                #expect(timestamp == time)
                #expect(duration == .seconds(-259_200))
                #expect(none == nil)
            }
        }
    }

    @Test func `an array keeps its order, its nulls and its emptiness`() async throws {
        try await withDatabase { database in
            try await database.transaction { connection in
                let rows = try connection.execute("SELECT unnest(\(["b", nil, "", "a"] as [String?]))")
                let values: [String?] = try rows.map { row in try row.decode(String?.self) }
                #expect(values == ["b", nil, "", "a"])
                #expect(try connection.execute("SELECT unnest(\([] as [String]))").count == 0)
            }
        }
    }

    @Test func `a column of another type or with a null is an error, not a wrong value`() async throws {
        try await withDatabase { database in
            try await database.transaction { connection in
                let rows = try connection.execute("SELECT 1::bigint, NULL::text")
                let row = try #require(rows.first)
                #expect(throws: PostgresError.self) { try row.decode(String.self) }
                #expect(throws: PostgresError.self) { try row.decode(Int64.self, String.self) }
            }
        }
    }

    @Test func `a body that throws leaves nothing behind`() async throws {
        struct Stop: Error {}
        try await withDatabase { database in
            _ = try await database.transaction { try $0.executeScript("CREATE TABLE public.t (n bigint)").count }
            await #expect(throws: Stop.self) {
                try await database.transaction { connection in
                    try connection.execute("INSERT INTO public.t VALUES (1)")
                    throw Stop()
                }
            }
            let count = try await database.transaction { connection in
                try connection.execute("SELECT count(*) FROM public.t").first?.decode(Int.self)
            }
            #expect(count == 0)
        }
    }

    @Test func `a transaction that failed inside is never reported as committed`() async throws {
        try await withDatabase { database in
            await #expect(throws: PostgresError.self) {
                try await database.transaction { connection in
                    // The error is caught, as careless code might; COMMIT then answers ROLLBACK.
                    _ = try? connection.execute("SELECT 1 / 0")
                }
            }
        }
    }

    @Test func `a connection that died while idle is replaced without an error`() async throws {
        try await withDatabase { database in
            let first = try await database.transaction { connection in
                try #require(try connection.execute("SELECT pg_backend_pid()").first).decode(Int.self)
            }
            try await TestDatabase.administer("SELECT pg_terminate_backend(\(first))")
            let second = try await database.transaction { connection in
                try #require(try connection.execute("SELECT pg_backend_pid()").first).decode(Int.self)
            }
            #expect(first != second)
        }
    }

    private static func backend(_ connection: Connection) throws -> Int {
        try #require(try connection.executeAlone("SELECT pg_backend_pid()").first).decode(Int.self)
    }

    @Test func `a session that was ended while idle is replaced before anything is sent that may count as unknown`()
        async throws
    {
        try await withDatabase { database in
            let first = try await database.statements(Self.backend)
            // Waits until the backend is gone: its last message and the end of the stream have arrived.
            try await TestDatabase.administer("SELECT pg_terminate_backend(\(first), 30000)")
            let second = try await database.statements(Self.backend)
            #expect(first != second)
            #expect(try await database.statements(Self.backend) == second)
        }
    }

    @Test func `what a server says unasked ends no session`() async throws {
        try await TestDatabase.withEmpty { test in
            let database = Database(test.source, connections: 1)
            let (first, heard) = try await database.statements { connection in
                try connection.executeScript("LISTEN news")
                return (try Self.backend(connection), try connection.notifications(within: .zero).map(\.payload))
            }
            #expect(heard == [])
            try await TestDatabase.transaction(on: test.source) { try $0.notify("news", ["it"]) }
            let (second, news) = try await database.statements { connection in
                let backend = try Self.backend(connection)
                var news: [String] = []
                // It may already have been read with an earlier reply.
                for _ in 0..<300 where news.isEmpty {
                    news = try connection.notifications(within: .milliseconds(100)).map(\.payload)
                }
                return (backend, news)
            }
            #expect(first == second)
            #expect(news == ["it"])
            try await database.shutdown()
        }
    }

    @Test func `a COMMIT that could not be sent any more has no unknown outcome`() async throws {
        try await TestDatabase.withEmpty { test in
            let settings = SessionSettings(idleInTransactionTimeout: .milliseconds(50))
            let database = Database(test.source, connections: 1, settings: settings)
            let error = await #expect(throws: PostgresError.self) {
                try await database.transaction { connection in
                    _ = try connection.execute("SELECT 1")
                    // Returns when the server's last message arrives.
                    _ = try connection.notifications(within: .seconds(30))
                }
            }
            #expect(error?.sqlState == "08006")
            #expect(error?.message.contains("idle-in-transaction") == true)
            #expect(try await database.transaction { try $0.execute("SELECT 1").count } == 1)
            try await database.shutdown()
        }
    }

    @Test func `an error says its SQLSTATE and whether it may pass`() async throws {
        try await withDatabase { database in
            let refused = await #expect(throws: PostgresError.self) {
                try await database.transaction { try $0.execute("SELECT \("a\u{0}b")").count }
            }
            #expect(refused?.isDataError == true)
            #expect(refused?.isTransient == false)
        }
        let nowhere = Database(DataSource("host=/nonexistent"), connections: 1)
        let away = await #expect(throws: PostgresError.self) {
            try await nowhere.transaction { try $0.execute("SELECT 1").count }
        }
        #expect(away?.isTransient == true)
        #expect(away?.isConnectionLoss == true)
        try await nowhere.shutdown()
    }

    @Test func `an error never quotes the row`() async throws {
        try await withDatabase { database in
            let error = await #expect(throws: PostgresError.self) {
                try await database.transaction { connection in
                    try connection.executeScript("CREATE TABLE public.t (n text CHECK (n <> 'secret'))")
                    try connection.execute("INSERT INTO public.t VALUES (\("secret"))")
                }
            }
            #expect(error?.sqlState == "23514")
            #expect(error?.description.contains("Failing row") == false)
            #expect(error?.constraint == "t_n_check")
        }
    }

    /// Whatever language the server speaks.
    @Test func `a deadlock is named as one, and a value that the server quotes stays out of a log`() {
        let deadlock = PostgresError(sqlState: "40P01", message: "Verklemmung entdeckt")
        #expect("\(deadlock)" == "PostgreSQL 40P01 (deadlock): Verklemmung entdeckt")
        #expect(deadlock.loggable == "\(deadlock)")
        let refusal = PostgresError(sqlState: "22P02", message: #"invalid input syntax for type bigint: "secret""#)
        #expect(refusal.loggable == "PostgreSQL 22P02: it refuses a value")
    }

    @Test func `a transaction may take more time than its session's statements have, and only that one`() async throws {
        try await TestDatabase.withEmpty { test in
            let settings = SessionSettings(statementTimeout: .milliseconds(200))
            let database = Database(test.source, connections: 1, settings: settings)
            let slept = try await database.transaction { connection in
                try connection.extendTimeout(to: .seconds(30))
                // Longer than the session's statement timeout and the extra wait for its reply.
                return try connection.execute("SELECT true FROM pg_sleep(1.5)").count
            }
            #expect(slept == 1)
            let error = await #expect(throws: PostgresError.self) {
                try await database.transaction { try $0.execute("SELECT true FROM pg_sleep(30)").count }
            }
            #expect(error?.sqlState == "57014")
            try await database.shutdown()
        }
    }
}
