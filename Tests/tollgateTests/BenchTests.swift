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
