// SPDX-License-Identifier: Apache-2.0

import Notation
import Postgres
import TestSupport
import Testing

/// The benches against a real server: their counts match the database. Speed is not tested.
@Suite struct BenchTests {
    private func report(_ run: Program.Ended) throws -> JSON {
        #expect(run.code == 0, "\(run.errors)")
        return try JSON(bytes: Array(run.output.utf8))
    }

    private func rows(_ database: TestDatabase) async throws -> Int {
        let events = Database(database.source, connections: 1)
        let count = try await events.transaction { connection in
            try connection.execute("SELECT count(*) FROM tollgate.event").first?.decode(Int.self)
        }
        try await events.shutdown()
        return count ?? 0
    }

    @Test func `ingest posts events that are all accepted and all there, and access knows their customers`()
        async throws
    {
        try await TestDatabase.with { database in
            try await RunningServer.with(database.url) { server in
                let ingest = try report(
                    await server.shell(
                        "bench", "ingest", "--connections", "4", "--warm-up", "1s", "--duration", "1s", "--customers",
                        "3", "--json", environment: ["DATABASE_URL": database.url]))
                let answers = ingest["answers"]?.array ?? []
                #expect(answers.map { $0["status"] } == [200])
                #expect(answers.map { $0["outcome"] } == ["accepted"])
                #expect(ingest["without_answer"] == 0)
                #expect(ingest["server_cores"] != nil)
                let accepted = try #require(answers.first?["count"]?.integer)
                #expect(try await rows(database) == Int(accepted))

                let drained = try report(await server.shell("bench", "process", "--no-post", "--json"))
                #expect(drained["accepted"] == nil)
                #expect(try await server.access(of: "cus_bench00000003")?["reason"] == "subscription_active")
                let token = ["TOLLGATE_GATEWAY_TOKEN": RunningServer.gatewayToken]
                let access = try report(
                    await server.shell(
                        "bench", "access", "--connections", "2", "--warm-up", "1s", "--duration", "1s", "--customers",
                        "3", "--json", environment: token))
                #expect((access["answers"]?.array ?? []).map { $0["status"] } == [200])
            }
        }
    }

    @Test func `authorize imports a key for each customer, once, and is answered by them`() async throws {
        try await TestDatabase.with { database in
            try await RunningServer.with(database.url) { server in
                let token = ["TOLLGATE_GATEWAY_TOKEN": RunningServer.gatewayToken]
                func run(_ more: String...) async throws -> Program.Ended {
                    let times = ["--warm-up", "1s", "--duration", "1s", "--connections", "2", "--customers", "3"]
                    return try await server.shell(["bench", "authorize", "--json"] + times + more, environment: token)
                }
                // Nobody has paid: there are answers, and none of them lets a call through.
                let denied = try await run()
                #expect(denied.code == 1)
                let answers = try JSON(bytes: Array(denied.output.utf8))["answers"]?.array ?? []
                #expect(answers.map { $0["status"] } == [403])
                #expect(answers.map { $0["outcome"] } == ["no_subscription"])

                for number in 1...3 {
                    let path = "/admin/v1/customers/cus_bench0000000\(number)"
                    let status = try await server.put("\(path)/override", #"{"allowed":true,"reason":"bench"}"#)
                    #expect(status == 200)
                }
                let allowed = try report(try await run("--no-import"))
                #expect((allowed["answers"]?.array ?? []).map { $0["status"] } == [200])
                let again = try report(try await run())
                #expect((again["answers"]?.array ?? []).map { $0["status"] } == [200])
                for number in 1...3 {
                    let keys = try await server.get("/admin/v1/customers/cus_bench0000000\(number)/keys").body
                    #expect(keys["data"]?.array?.count == 1)
                }
            }
        }
    }

    @Test(arguments: ["1", "3"])
    func `spend grants each customer credits once, and settles every hold that it was granted`(_ customers: String)
        async throws
    {
        try await TestDatabase.with { database in
            try await RunningServer.with(database.url) { server in
                let token = ["TOLLGATE_GATEWAY_TOKEN": RunningServer.gatewayToken]
                func run(_ more: String...) async throws -> Program.Ended {
                    let times = ["--warm-up", "1s", "--duration", "1s", "--connections", "4", "--customers", customers]
                    return try await server.shell(["bench", "spend", "--json"] + times + more, environment: token)
                }
                // Nobody has credits: there are answers, and none of them is a hold.
                let unknown = try await run("--no-grant")
                #expect(unknown.code == 1)
                let refusals = try JSON(bytes: Array(unknown.output.utf8))
                #expect((refusals["answers"]?.array ?? []).map { $0["outcome"] } == ["unknown_customer"])
                #expect(refusals["pairs_per_second"] == 0)
                #expect(refusals["errors"] == refusals["answers"]?.array?.first?["count"])

                let first = try report(try await run())
                let answers = (first["answers"]?.array ?? []).map { [$0["status"], $0["count"]] }
                let settled = try await holds(database)
                let pairs = JSON.integer(Int64(settled[1]))
                #expect(answers == [[200, pairs], [201, pairs]])
                #expect(first["errors"] == 0)
                for figure in ["pairs_per_second", "hold_p50_ms", "hold_p99_ms", "settle_p50_ms", "settle_p99_ms"] {
                    #expect(![nil, 0].contains(first[figure]), "\(figure)")
                }
                #expect(settled == [0, settled[1], settled[1], try #require(Int(customers))])
                #expect(try report(try await run("--no-grant"))["errors"] == 0)
                #expect(try report(try await run())["errors"] == 0)
                #expect(try await holds(database)[3] == Int(customers))
            }
        }
    }

    /// How many holds are open, how many settled, what they debited, and how often credits were granted.
    private func holds(_ database: TestDatabase) async throws -> [Int] {
        let counts = Database(database.source, connections: 1)
        let rows = try await counts.transaction { connection in
            try connection.execute(
                """
                SELECT count(*) FILTER (WHERE status = 'open'), count(*) FILTER (WHERE status = 'settled'),
                       (SELECT coalesce(-sum(amount), 0)::bigint FROM tollgate.credit_entry WHERE kind = 'settlement'),
                       (SELECT count(*) FROM tollgate.credit_entry WHERE kind = 'grant')
                FROM tollgate.hold
                """
            ).map { try $0.decode(Int.self, Int.self, Int.self, Int.self) }
        }
        try await counts.shutdown()
        let row = try #require(rows.first)
        return [row.0, row.1, row.2, row.3]
    }

    @Test func `ingest stops when its events are used up, and says so`() async throws {
        try await TestDatabase.with { database in
            try await RunningServer.with(database.url, ["--only", "http"]) { server in
                let run = try await server.shell(
                    "bench", "ingest", "--connections", "1", "--warm-up", "1s", "--duration", "200s", "--events",
                    "2500")
                #expect(run.code == 0, "\(run.errors)")
                #expect(run.output.contains("all requests were used up"))
                // A pipe gets the figures without terminal codes.
                #expect(!run.output.contains("\u{1B}"))
                #expect(try await rows(database) == 2_500)
            }
        }
    }

    @Test func `every event of the story is processed`() async throws {
        try await TestDatabase.with { database in
            try await RunningServer.with(database.url) { server in
                let process = try report(
                    await server.shell(
                        "bench", "process", "--connections", "4", "--events", "300", "--customers", "20", "--json"))
                #expect(process["accepted"] == 300)
                #expect(process["processed"] == 300)
                #expect(process["ended"] == ["processed": 300])
                #expect(try await rows(database) == 300)
            }
        }
    }

    @Test func `a bench says what is wrong`() async throws {
        let secret = ["STRIPE_WEBHOOK_SECRET": RunningServer.secret]
        let nobody = try await Program.run(["bench", "ingest", "--url", "http://127.0.0.1:1"], environment: secret)
        #expect(nobody.code == 1)
        #expect(nobody.errors.contains("nothing answers at http://127.0.0.1:1"), "\(nobody.errors)")
        let unsigned = try await Program.run(["bench", "ingest"])
        #expect(unsigned.code == 78)
        #expect(unsigned.errors.contains("STRIPE_WEBHOOK_SECRET"))
        for wrong in [
            ["--duration", "10"], ["--duration", "300s"], ["--url", "https://x.test"], ["--connections", "0"],
        ] {
            #expect(try await Program.run(["bench", "ingest"] + wrong).code == 64)
        }
    }
}
