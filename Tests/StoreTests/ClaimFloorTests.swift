// SPDX-License-Identifier: Apache-2.0

import Billing
import Logging
import Notation
import Postgres
import TestSupport
import Testing

@testable import Store

@Suite struct ClaimFloorTests {
    private let start = ContinuousClock.now
    /// The database's clock at the start.
    private let midnight = Timestamp(seconds: 1_795_478_400)

    private func after(_ milliseconds: Int) -> ContinuousClock.Instant { start + .milliseconds(milliseconds) }

    @Test func `where claims are fast, all that is pending is looked at`() {
        var floor = ClaimFloor()
        for turn in 0..<10 {
            #expect(floor.step(at: after(turn * 100)) == .claimAll)
            floor.claimed(after: .milliseconds(3), at: after(turn * 100 + 3))
        }
    }

    @Test(
        arguments: [
            // The oldest event: none, an old one, one newer than what may still be committed.
            (nil, -2), (-60, -60), (-1, -2),
        ] as [(Int64?, Int64)])
    func `where they are slow, the oldest is looked for, and claims begin there until that is 5 seconds ago`(
        _ oldest: Int64?,
        _ expected: Int64
    ) {
        var floor = ClaimFloor()
        #expect(floor.step(at: after(0)) == .claimAll)
        floor.claimed(after: .milliseconds(40), at: after(40))
        #expect(floor.step(at: after(50)) == .search)
        floor.found(
            oldest.map { midnight + .seconds($0) }, databaseTime: midnight, began: after(50), at: after(90))
        for time in [90, 1_000, 5_049] {
            #expect(floor.step(at: after(time)) == .claim(from: midnight + .seconds(expected)))
        }
        // The next search sees what was committed in the meantime under an older time.
        #expect(floor.step(at: after(5_050)) == .search)
        floor.found(
            midnight - .seconds(30), databaseTime: midnight + .seconds(5), began: after(5_050), at: after(5_090))
        #expect(floor.step(at: after(5_100)) == .claim(from: midnight - .seconds(30)))
    }

    @Test func `a search that is fast has nothing to gain, and is not made again at once`() {
        var floor = ClaimFloor()
        floor.claimed(after: .milliseconds(40), at: after(40))
        #expect(floor.step(at: after(40)) == .search)
        floor.found(nil, databaseTime: midnight, began: after(40), at: after(42))
        #expect(floor.step(at: after(42)) == .claimAll)
        floor.claimed(after: .milliseconds(40), at: after(100))
        #expect(floor.step(at: after(100)) == .claimAll)
        floor.claimed(after: .milliseconds(40), at: after(5_100))
        #expect(floor.step(at: after(5_100)) == .search)
    }

    /// A snapshot keeps vacuum from removing the index entries of ended events.
    @Test func `beside many ended events and a long snapshot, what is committed late is claimed all the same`()
        async throws
    {
        try await TestDatabase.with { database in
            let store = Store(database.source, logger: Logger(label: "test"))
            let worker = try await store.queue.register()
            try await TestDatabase.hold(database.source) { connection in
                _ = try connection.executeScript("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SELECT 1")
            } while: {
                try await TestDatabase.transaction(on: database.source) { connection in
                    _ = try connection.executeScript(
                        """
                        INSERT INTO tollgate.event (id) SELECT 'evt_' || n FROM generate_series(1, 60000) n;
                        INSERT INTO tollgate.event_work (event_id, status)
                        SELECT 'evt_' || n, 'pending' FROM generate_series(1, 60000) n;
                        UPDATE tollgate.event_work SET status = 'processed'
                        """)
                }
                for n in 0..<20 {
                    // Every other one is due since a minute ago.
                    try await TestDatabase.transaction(on: database.source) { connection in
                        _ = try connection.execute(
                            "INSERT INTO tollgate.event (id) VALUES ('late_' || \(n)::bigint)")
                        _ = try connection.execute(
                            """
                            INSERT INTO tollgate.event_work (event_id, status, run_at)
                            VALUES ('late_' || \(n)::bigint, 'pending', now() - interval '1 minute' * (\(n)::bigint % 2))
                            """)
                    }
                    try await eventually("the claim of late_\(n)") {
                        let taken = try await store.queue.claim(atMost: 10, for: worker) { batch in
                            batch.complete(
                                Books(),
                                batch.events.map { EventResult(event: $0.id, type: "", .ignored(reason: "a test")) })
                            return batch.events.map(\.id)
                        }
                        return taken == ["late_\(n)"] ? true : nil
                    }
                }
            }
            try await store.close()
        }
    }
}
