// SPDX-License-Identifier: Apache-2.0

import Foundation
import Notation
import TestSupport
import Testing

@testable import Postgres
@testable import Store

/// The feed of changes under transactions that are held open and committed in any order.
@Suite struct ChangeReaderTests {
    /// Somebody who follows the feed, and what he knows.
    private struct Follower {
        var position: FeedPosition
        var seen: [String: Int64] = [:]
        /// What should not have happened: a thread of its own does not know which test it belongs to.
        var faults: [String] = []

        /// Reads one page.
        mutating func read(_ limit: Int, _ session: Session) throws -> FeedReading {
            let reading = try ChangeReader.changes(
                after: position, atMost: limit, Connection(session, .due(.snapshot)))
            for change in reading.changes {
                let customer = change.answer.customer
                // The same may come twice: what is due shows before it is told of.
                if change.answer.version < seen[customer] ?? 0 { faults.append("\(customer) goes backwards") }
                if change.position <= position { faults.append("the feed goes backwards") }
                seen[customer] = change.answer.version
            }
            if reading.end < position { faults.append("the position goes backwards") }
            position = reading.end
            return reading
        }
    }

    /// A transaction that is held open.
    private struct Writer {
        let connection: Connection
        var isOpen = false

        init(_ source: DataSource) throws {
            connection = Connection(try Session(source, settings: SessionSettings()), .none)
        }

        mutating func step(_ random: inout SeededRandom) throws {
            guard isOpen else {
                try connection.execute("BEGIN")
                isOpen = true
                // Mostly it has its id long before it locks anything.
                if !random.one(in: 3) { try connection.execute("SELECT pg_current_xact_id()::text AS xid") }
                return
            }
            guard !random.one(in: 3) else {
                try connection.execute(random.one(in: 5) ? "ROLLBACK" : "COMMIT")
                isOpen = false
                return
            }
            guard !random.one(in: 5) else { return try tellDue() }
            let mark = random.one(in: 3) ? FeedMark.set(ifTold: "false", orDue: "true") : FeedMark.set
            try connection.execute(
                """
                UPDATE tollgate.account a SET version = version + 1, \(mark)
                WHERE customer_id = (SELECT customer_id FROM tollgate.account
                                     WHERE customer_id = \("cus_\(random.within(1...6))") FOR UPDATE SKIP LOCKED)
                """)
        }

        /// Tells of one account that is due, as the sweeper does.
        private func tellDue() throws {
            try connection.execute(
                """
                UPDATE tollgate.account SET \(FeedMark.set)
                WHERE customer_id = (SELECT customer_id FROM tollgate.account
                                     WHERE feed_due ORDER BY feed_at LIMIT 1 FOR UPDATE SKIP LOCKED)
                """)
        }
    }

    private static func insert(_ count: Int) -> String {
        """
        INSERT INTO tollgate.account (customer_id, allowed, reason, changed_at, version)
        SELECT 'cus_' || n, false, 'no_subscription', now(), 1 FROM generate_series(1, \(count)) n
        """
    }

    private static func versions(_ session: Session) throws -> [String: Int64] {
        let rows = try Connection(session, .none).execute("SELECT customer_id, version FROM tollgate.account")
        return try Dictionary(uniqueKeysWithValues: rows.map { (try $0["customer_id"], try $0["version"]) })
    }

    /// Three writers and two followers, in an order that the seed decides.
    /// - Returns: what should not have happened.
    private static func play(_ seed: UInt64, _ steps: Int, on source: DataSource) throws -> [String] {
        var random = SeededRandom(seed)
        let session = try Session(source, settings: SessionSettings())
        _ = try session.executeScript(insert(6))
        var writers = try (0..<3).map { _ in try Writer(source) }
        var followers = [Follower(position: FeedPosition(xid: 1)), Follower(position: FeedPosition(xid: 1))]
        for _ in 0..<steps {
            if random.one(in: 3) {
                let place = Int(random.within(0...1))
                _ = try followers[place].read(Int(random.within(1...3)), session)
            } else {
                let place = Int(random.within(0...2))
                try writers[place].step(&random)
            }
        }
        for writer in writers where writer.isOpen { try writer.connection.execute("COMMIT") }
        _ = try Connection(session, .none).execute("UPDATE tollgate.account SET \(FeedMark.set) WHERE feed_due").count
        let truth = try versions(session)
        // Transactions of other tests, in other databases, may be older for a while.
        let end = ContinuousClock.now + .seconds(60)
        for place in followers.indices {
            while followers[place].seen != truth, ContinuousClock.now < end {
                if !(try followers[place].read(3, session).hasMore) { usleep(5_000) }
            }
            if followers[place].seen != truth { followers[place].faults.append("something was missed") }
        }
        return followers.flatMap(\.faults)
    }

    @Test(arguments: 1...12)
    func `whoever follows misses nothing and never goes backwards, however transactions end`(_ seed: UInt64)
        async throws
    {
        try await TestDatabase.with { database in
            let blocking = Database(database.source, connections: 1)
            let faults = try await blocking.session { _ in try Self.play(seed, 400, on: database.source) }
            try await blocking.shutdown()
            #expect(faults == [])
        }
    }

    /// A dump keeps the ids of transactions, which the new database has yet to reach.
    @Test func `marks from the future, as a dump leaves them, hide nothing and end with the next change`() async throws
    {
        try await TestDatabase.with { database in
            let blocking = Database(database.source, connections: 1)
            let (seen, lag) = try await blocking.session { _ in
                let session = try Session(database.source, settings: SessionSettings())
                _ = try session.executeScript(
                    Self.insert(3)
                        + ";UPDATE tollgate.account SET feed_xid = '99999999999' WHERE customer_id <> 'cus_1'")
                var follower = Follower(position: FeedPosition(xid: 1))
                func follow(until seen: [String: Int64]) throws -> [String: Int64] {
                    let end = ContinuousClock.now + .seconds(60)
                    while follower.seen != seen, ContinuousClock.now < end {
                        if !(try follower.read(9, session).hasMore) { usleep(5_000) }
                    }
                    return follower.seen
                }
                let first = try follow(until: ["cus_1": 1])
                let lag = try ChangeReader.lag(Connection(session, .none))
                _ = try session.executeScript(
                    "UPDATE tollgate.account SET version = 2, reason = 'subscription_ended' WHERE customer_id = 'cus_2'"
                )
                return ([first, try follow(until: ["cus_1": 1, "cus_2": 2])], lag)
            }
            try await blocking.shutdown()
            #expect(seen == [["cus_1": 1], ["cus_1": 1, "cus_2": 2]])
            #expect(lag < .seconds(60))
        }
    }

    @Test func `a transaction that is held open hides what is younger, and the lag says for how long`() async throws {
        try await TestDatabase.with { database in
            let blocking = Database(database.source, connections: 1)
            let (hides, seen, lag) = try await blocking.session { _ in
                let session = try Session(database.source, settings: SessionSettings())
                let holder = Connection(try Session(database.source, settings: SessionSettings()), .none)
                try holder.execute("BEGIN")
                try holder.execute("SELECT pg_current_xact_id()::text AS xid")
                _ = try session.executeScript(
                    Self.insert(1) + ";UPDATE tollgate.account SET feed_at = feed_at - interval '1 hour'")
                var follower = Follower(position: FeedPosition(xid: 1))
                let hides = try follower.read(9, session).hidesSome
                let before = follower.seen
                let lag = try ChangeReader.lag(Connection(session, .none))
                try holder.execute("COMMIT")
                let end = ContinuousClock.now + .seconds(60)
                while follower.seen.isEmpty, ContinuousClock.now < end { _ = try follower.read(9, session) }
                return (hides, [before, follower.seen], lag)
            }
            try await blocking.shutdown()
            #expect(hides && seen == [[:], ["cus_1": 1]])
            #expect(lag >= .seconds(3_600) && lag < .seconds(4_000))
        }
    }

    @Test func `a role that owns nothing of the server may ask where the feed is`() async throws {
        try await TestDatabase.with { database in
            let moment = try await TestDatabase.transaction(on: database.source) { connection in
                _ = try connection.executeScript(
                    """
                    GRANT SELECT ON tollgate.account TO tollgate_reader;
                    SET LOCAL ROLE tollgate_reader;
                    SET LOCAL search_path = pg_catalog
                    """)
                return try FeedMoment(connection.execute(FeedMoment.query).only)
            }
            #expect(moment.identity.utf8.count == 16 && moment.position == FeedPosition(xid: 1))
        }
    }

    /// After a crash PostgreSQL gives the ids of transactions of which nothing was written to others.
    @Test func `a position names a change that is written, never a transaction that came to nothing`() async throws {
        try await TestDatabase.with { database in
            let source = database.source
            try await TestDatabase.transaction(on: source) { _ = try $0.executeScript(Self.insert(1)) }
            func moment() async throws -> FeedMoment {
                try await TestDatabase.transaction(on: source) { try FeedMoment($0.execute(FeedMoment.query).only) }
            }
            let xid = try await TestDatabase.transaction(on: source) {
                try $0.execute("SELECT feed_xid::text FROM tollgate.account").only.decode(String.self)
            }
            // Others' transactions on this server may hide it for a moment.
            let last = FeedPosition(xid: try #require(UInt64(xid)), customer: "cus_1")
            try await eventually("it can be read") { try await moment().position == last ? true : nil }
            for _ in 0..<5 {
                try await TestDatabase.transaction(on: source) {
                    _ = try $0.execute("SELECT pg_current_xact_id()::text").count
                }
            }
            #expect(try await moment().position == last)
        }
    }
}
