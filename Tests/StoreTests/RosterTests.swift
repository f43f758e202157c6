import Logging
import Postgres
import Store
import TestSupport
import Testing

@Suite struct RosterTests {
    /// Dead processes, by what their worker had in hand, and whether evt_1 has failed after each.
    @Test(arguments: [
        [("evt_1", false), ("evt_1", false), ("evt_1", true)],
        [("evt_1 evt_2", false), ("evt_1", false), ("evt_2", false), ("evt_1", false), ("evt_1", true)],
        [("evt_1 evt_2", false), ("evt_1 evt_2", false), ("evt_1 evt_2", false), ("evt_1 evt_2", false)],
        [("evt_1", false), ("evt_1 evt_2", false), ("evt_1", false), ("evt_1", true)],
    ])
    func `three deaths of an event alone end it, those in company make it a suspect`(
        _ deaths: [(events: String, fails: Bool)]
    ) async throws {
        try await TestDatabase.with { test in
            let store = Store(test.source, logger: Logger(label: "test"))
            let session = Database(test.source, connections: 1)
            try await session.transaction { connection in
                _ = try connection.executeScript(
                    """
                    INSERT INTO tollgate.event (id) VALUES ('evt_1'), ('evt_2');
                    INSERT INTO tollgate.event_work (event_id, status) VALUES ('evt_1', 'pending'), ('evt_2', 'pending')
                    """
                )
            }
            for (life, (events, fails)) in deaths.enumerated() {
                try await session.transaction { connection in
                    _ = try connection.execute(
                        "INSERT INTO tollgate.worker (process, events) VALUES ($1::bigint::integer, $2)",
                        .value(life + 1),
                        .array(events.split(separator: " ").map(String.init))
                    )
                }
                let failed = try await store.roster.bury(life + 1)
                #expect(failed == (fails ? ["evt_1"] : []), "life \(life)")
                let suspects = try await session.transaction { connection in
                    try connection.execute(
                        "SELECT event_id FROM tollgate.event_work WHERE deaths > 0 ORDER BY deaths DESC, event_id"
                    ).map { try $0.decode(String.self) }
                }
                #expect(suspects.contains("evt_1") == !fails)
            }
            try await session.shutdown()
            try await store.close()
        }
    }
}
