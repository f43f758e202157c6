import Postgres
import Stripe
import TestSupport
import Testing

@testable import Server

/// What is answered while PostgreSQL cannot take an event.
@Suite(.serialized) struct OutageTests {
    /// Far above the acknowledgement's 2 s, for this machine runs all other tests at once, and far below a database that
    /// is waited for.
    private static let patience: Duration = .seconds(15)

    private func expectUnavailable(_ gate: GatehouseFixture, _ ids: [String], _ comment: Comment) async throws {
        let answers = try await withThrowingTaskGroup(of: (HTTPAnswer, Duration).self) { group in
            for id in ids {
                group.addTask {
                    let start = ContinuousClock.now
                    let answer = try await gate.deliver(Events.checkout(id: id))
                    return (answer, start.duration(to: .now))
                }
            }
            return try await group.reduce(into: [(HTTPAnswer, Duration)]()) { $0.append($1) }
        }
        for (answer, duration) in answers {
            #expect(answer.summary == "503 unavailable", comment)
            #expect((answer.headers["retry-after"].flatMap { Int($0) } ?? 0) > 0, comment)
            #expect(duration < Self.patience, comment)
        }
    }

    @Test func `without a PostgreSQL it is 503 within the budget, and everything else says so too`() async throws {
        try await SilentServer.with { silent in
            for (what, source) in [
                ("no socket", "host=/nonexistent dbname=x"),
                ("nobody listens", "host=127.0.0.1 port=1 dbname=x"),
                ("a server that never answers", "host=127.0.0.1 port=\(silent.port) dbname=x user=x"),
            ] {
                try await GatehouseFixture.with(source: DataSource(source)) { gate in
                    try await expectUnavailable(gate, (1...20).map { "evt_\($0)" }, "\(what)")

                    let ready = try await gate.inside("GET", "/readyz")
                    #expect(ready.status == 503, "\(what)")
                    #expect(try ready.json["status"] == "unready")
                    #expect(try ready.json.at("postgresql.state") == "down")
                    #expect(try ready.json.at("spool.state") == "off")
                    #expect(try await gate.inside("GET", "/healthz").status == 200)

                    let access = try await gate.gateway("GET", "/v1/customers/cus_1/access")
                    #expect(access.summary == "503 unavailable", "\(what)")
                    #expect(access.headers["retry-after"] != nil)
                    #expect(try await gate.admin("GET", "/events").summary == "503 unavailable", "\(what)")

                    let metrics = try await gate.inside("GET", "/metrics").text
                    #expect(metrics.contains("\ntollgate_postgresql_up 0\n"), "\(what)")
                    #expect(metrics.contains("\ntollgate_events_received_total{outcome=\"unavailable\"} 20\n"))
                    // Unsigned is still 400: that needs no database.
                    #expect(try await gate.post([0x20], headers: []).summary == "400 missing_signature")
                }
            }
        }
    }

    @Test func `a PostgreSQL that hangs is 503 within the budget, and once it is back nothing is lost or doubled`()
        async throws
    {
        try await GatehouseFixture.with { gate in
            try await gate.deliver(Events.checkout(id: "evt_0"))
            try await gate.whileInboxIsLocked {
                try await expectUnavailable(gate, (1...20).map { "evt_\($0)" }, "the first")
                try await expectUnavailable(gate, ["evt_21"], "a later one")
            }
            // Stripe sends again.
            try await eventually("an answer") {
                try await gate.deliver(Events.checkout(id: "evt_1")).status == 200 ? true : nil
            }
            for id in (2...21).map({ "evt_\($0)" }) {
                let answer = try await gate.deliver(Events.checkout(id: id))
                #expect(["accepted \(id)", "duplicate \(id)"].contains(answer.receipt))
            }
            for id in (0...21).map({ "evt_\($0)" }) {
                #expect(try await gate.ended(id)["status"] == "processed")
            }
            #expect(try await gate.storedEvents() == 22)
            #expect(try await gate.access()["credits"] == 500)
            #expect(try await gate.inside("GET", "/readyz").status == 200)
        }
    }
}
