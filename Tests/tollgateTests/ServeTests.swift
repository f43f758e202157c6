// SPDX-License-Identifier: Apache-2.0

import Console
import Foundation
import Glibc
import Notation
import Settings
import TestSupport
import Testing

@Suite struct ServeTests {
    @Test func `a triggered event changes the flag, and every command sees it`() async throws {
        try await TestDatabase.with { database in
            try await RunningServer.with(database.url) { server in
                let sent = try await server.shell("trigger", "invoice.paid", "--customer", "cus_1", "--id", "evt_1")
                #expect(sent.code == 0)
                #expect(sent.output.hasPrefix("200 "))
                let access = try await server.access(of: "cus_1", becomes: "invoice_paid")
                #expect(access["allowed"] == true)

                #expect(try await server.shell("healthcheck").code == 0)
                let list = try await server.shell("events", "list", "--json")
                #expect(try JSON(bytes: Array(list.output.utf8)).at("data")?[0]?["id"] == "evt_1")
                #expect(try await server.shell("events", "show", "evt_1").output.contains("processed"))
                #expect(try await server.shell("events", "replay", "evt_1").code == 0)
                #expect(try await server.shell("events", "show", "evt_none").code == 1)
                let deny = ["customers", "override", "cus_1", "--deny", "--reason", "abuse"]
                #expect(try await server.shell(deny[0], deny[1], deny[2], deny[3], deny[4], deny[5]).code == 0)
                let shown = try await server.shell("customers", "show", "cus_1")
                #expect(shown.output.contains("override_deny"))
                #expect(shown.output.contains("alice"))

                server.program.send(SIGTERM)
                #expect(try await server.program.ended(within: .seconds(30)).code == 0)
            }
        }
    }

    @Test
    func `a command ends with 1 where its answer cannot be written, and every error begins with the program's name`()
        async throws
    {
        try await TestDatabase.with { database in
            try await RunningServer.with(database.url) { server in
                let sent = try await server.shell("trigger", "invoice.payed", environment: ["STRIPE_MODE": "live"])
                #expect(sent.code == 0)
                #expect(sent.errors.contains("did you mean invoice.paid?"), "\(sent.errors)")
                #expect(sent.errors.contains("give --live"), "\(sent.errors)")
                _ = try await server.shell("trigger", "invoice.paid")
                let list = try await server.shell("events", "list", "--limit", "1", "--created-after", "1d")
                #expect(list.code == 0)
                #expect(!list.output.contains("more:"))
                #expect(list.errors.hasPrefix("more: --starting-after evt_"), "\(list.errors)")
                let environment = [
                    "TOLLGATE_ADMIN_TOKEN": RunningServer.adminToken,
                    "TOLLGATE_PRIVATE_ADDRESS": String(server.privateURL.dropFirst("http://".count)),
                ]
                let lost = try await Program.with(
                    ["events", "list"], environment: environment, writingTo: "/dev/full"
                ) { try await $0.ended() }
                #expect(lost.code == 1)
                #expect(lost.errors == "tollgate: standard output cannot be written: no space left on device\n")
                _ = try await server.shell("prices", "set", "price_1", "--credits", "5")
                #expect(try await server.shell("prices", "show", "price_1").output.contains("price_1"))
            }
        }
        for arguments in [["nonsense"], ["events", "list", "--limit", "x"], ["events", "list"], ["migrate"]] {
            let ended = try await Program.run(arguments, environment: ["DATABASE_URL": "host=/nonexistent"])
            #expect(ended.errors.hasPrefix("tollgate: "), "\(ended.errors)")
        }
    }

    @Test func `what a killed server had accepted is handled by the next one`() async throws {
        try await TestDatabase.with { database in
            try await RunningServer.with(database.url, ["--only", "http"]) { receiver in
                let sent = try await receiver.shell(
                    "trigger", "checkout.session.completed", "--customer", "cus_1", "--credits", "5", "--id", "evt_1")
                #expect(sent.code == 0)
                #expect(try await receiver.get("/admin/v1/events/evt_1").body["status"] == "pending")
                receiver.program.send(SIGKILL)
                _ = try await receiver.program.ended()
            }
            try await RunningServer.with(database.url) { server in
                try await server.event("evt_1", becomes: "processed")
                #expect(try await server.access(of: "cus_1", becomes: "credits")["credits"] == 5)
            }
        }
    }

    @Test func `receiving and processing work as two processes on one database`() async throws {
        try await TestDatabase.with { database in
            try await RunningServer.with(database.url, ["--only", "http"]) { receiver in
                let environment = RunningServer.environment(database.url)
                try await Program.with(["serve", "--only", "worker"], environment: environment) { _ in
                    _ = try await receiver.shell("trigger", "invoice.paid", "--customer", "cus_1")
                    try await receiver.access(of: "cus_1", becomes: "invoice_paid")
                }
            }
        }
    }

    @Test func `a lone worker says that it is ready, and tells health and metrics on the private listener alone`()
        async throws
    {
        try await TestDatabase.with { database in
            try await RunningServer.with(database.url, ["--only", "http"]) { receiver in
                // No secrets: a worker needs none, and a template may leave them blank.
                let environment = [
                    "DATABASE_URL": database.url, "STRIPE_MODE": "test", "TOLLGATE_PRIVATE_ADDRESS": "127.0.0.1:0",
                    "STRIPE_WEBHOOK_SECRET": "",
                ]
                try await Program.with(["serve", "--only", "worker"], environment: environment) { worker in
                    let starting = try await worker.logged("starting").fields
                    #expect(starting["retention"] == "90d" && starting["spool"] == nil)
                    #expect(starting["webhook_labels"] == nil)
                    let ready = try await worker.logged("ready").fields
                    #expect(ready["only"]?.string?.hasPrefix("worker") == true)
                    #expect(ready["public"] == nil)
                    let address = ready["private"]?.string ?? ""
                    _ = try await receiver.shell("trigger", "invoice.paid", "--customer", "cus_1")
                    try await receiver.access(of: "cus_1", becomes: "invoice_paid")

                    try await ServiceClient.with(base: "http://\(address)", token: Secret(RunningServer.adminToken)) {
                        client in
                        #expect(try await client.send(.GET, "/healthz").status == 200)
                        let answer = try await client.send(.GET, "/readyz")
                        #expect(answer.status == 200)
                        #expect(
                            try JSON(bytes: Array(answer.body.utf8)) == [
                                "status": "ready", "postgresql": ["state": "up"], "processing": ["state": "running"],
                            ])
                        let metrics = try await client.send(.GET, "/metrics").body
                        #expect(
                            metrics.contains(
                                #"tollgate_events_processed_total{outcome="processed",type="invoice.paid"} 1"#))
                        #expect(metrics.contains(#"tollgate_processing_blocked{cause="privileges"} 0"#))
                        // It answers what its document declares.
                        let document = try JSON(
                            bytes: Array(try await client.send(.GET, "/openapi.json").body.utf8))
                        let paths = try #require(document["paths"]?.object)
                        #expect(paths.count == 4)
                        for (path, item) in paths {
                            #expect(try await client.send(.GET, path).status == 200, "\(path)")
                            #expect(item["servers"]?.array?.count == 1, "\(path)")
                        }
                        for path in ["/admin/v1/events", "/v1/customers/cus_1/access", "/webhooks/stripe"] {
                            #expect(try await client.send(.GET, path).status == 404, "\(path)")
                        }
                    }
                    let check = ["TOLLGATE_PRIVATE_ADDRESS": address]
                    #expect(try await Program.run(["healthcheck"], environment: check).code == 0)
                    try await database.cutOff()
                    try await eventually("a worker that is not ready, and says what is not") {
                        let ended = try await Program.run(["healthcheck"], environment: check)
                        return ended.code == 1 && ended.errors.contains("503: unready: postgresql down") ? true : nil
                    }
                    try await database.letIn()
                    try await eventually("a worker that is ready again") {
                        try await Program.run(["healthcheck"], environment: check).code == 0 ? true : nil
                    }
                    worker.send(SIGTERM)
                    #expect(try await worker.ended(within: .seconds(30)).code == 0)
                }
            }
        }
    }

    @Test func `a lone worker waits for a database that is away when it starts`() async throws {
        try await TestDatabase.with { database in
            try await database.cutOff()
            let environment = ["DATABASE_URL": database.url, "TOLLGATE_PRIVATE_ADDRESS": "127.0.0.1:0"]
            try await Program.with(["serve", "--only", "worker"], environment: environment) { worker in
                let address = try await worker.logged("ready").fields["private"]?.string ?? ""
                let check = ["TOLLGATE_PRIVATE_ADDRESS": address]
                #expect(try await Program.run(["healthcheck"], environment: check).code == 1)
                try await database.letIn()
                try await eventually("a worker that is ready") {
                    try await Program.run(["healthcheck"], environment: check).code == 0 ? true : nil
                }
            }
        }
    }

    @Test func `an outage is a line when it begins, and one when it is over, whoever meets it`() async throws {
        try await TestDatabase.with { database in
            try await RunningServer.with(database.url) { server in
                _ = try await server.shell("trigger", "invoice.paid", "--customer", "cus_1", "--id", "evt_1")
                try await server.event("evt_1", becomes: "processed")
                try await database.cutOff()
                // Every part of the process meets the outage: inbox and spool, gateways and operators, the processing.
                for n in 2..<12 {
                    let event = Events.invoice("invoice.paid", id: "evt_\(n)", customer: "cus_1", invoice: "in_\(n)")
                    #expect(try await server.outcomeInTestMode(of: event) == "spooled")
                    #expect(try await server.access(of: "cus_\(n)") == nil)
                    #expect(try await server.get("/admin/v1/events").status == 503)
                }
                try await database.letIn()
                for n in 2..<12 { try await server.event("evt_\(n)", becomes: "processed") }
                let over = try await server.program.logged("the trouble with the database is over")
                #expect(over.fields["spooled"] == "10")
                #expect(over.fields["failures"]?.string?.contains("processing") == true)
                server.program.send(SIGTERM)
                let lines = LogLine.all(in: try await server.program.ended().errors)
                let began = lines.filter { $0.level == "error" }
                #expect(began.map(\.message) == ["the database is away"])
                #expect(began.first?.fields["advice"]?.string?.isEmpty == false)
                #expect(lines.count { $0.level == "warning" } == 0, "\(lines.map(\.message))")
                #expect(lines.count { $0.message == "the trouble with the database is over" } == 1)
            }
        }
    }

    @Test func `no secret, token, signature, password or payload reaches the log`() async throws {
        try await TestDatabase.with { database in
            let url = database.url + " password=hunter2-of-the-database"
            try await RunningServer.with(url, environment: ["TOLLGATE_LOG_LEVEL": "trace"]) { server in
                let marker = "marker-in-the-payload"
                let event = Events.event(
                    "invoice.paid", id: "evt_1", livemode: false, object: ["id": "in 1", "note": .string(marker)])
                #expect(try await server.post(event.bytes).status == 200)
                try await server.event("evt_1", becomes: "failed")
                #expect(try await server.post(Array("no event: \(marker)".utf8)).status == 200)
                #expect(try await server.post(event.bytes, signature: "t=1,v1=5ec2e7").status == 400)
                #expect(try await server.get("/admin/v1/events", token: "wrong-token-of-somebody").status == 401)
                server.program.send(SIGTERM)
                let ended = try await server.program.ended()
                let said = ended.output + ended.errors
                #expect(said.contains("evt_1"))
                let hidden = [
                    RunningServer.secret, RunningServer.gatewayToken, RunningServer.adminToken, "hunter2", marker,
                    "5ec2e7", "wrong-token",
                ]
                for secret in hidden { #expect(!said.contains(secret), "\(secret) is in the log") }
            }
        }
    }

    @Test func `an event that three more processes die of fails, and takes no other with it`() async throws {
        try await TestDatabase.with { database in
            let holder = AccountHolder(database)
            try await holder.hold("cus_poison") {
                for life in 1...4 {
                    try await RunningServer.with(database.url) { server in
                        if life > 2 { try await holder.endRespite(of: "evt_1", after: life - 1) }
                        for (id, customer) in [("evt_1", "cus_poison"), ("evt_2", "cus_2"), ("evt_3", "cus_3")] {
                            let event = Events.checkout(
                                id: id, customer: .string(customer), session: "cs_\(id)",
                                paymentIntent: .string("pi_\(id)")
                            )
                            if life == 1 { try await server.postInTestMode(event) }
                            // A worker is handling evt_1.
                            try await holder.isWaitedFor()
                        }
                        server.program.send(SIGKILL)
                        _ = try await server.program.ended()
                    }
                    // The dead server's session has ended.
                    try await holder.isWaitedFor(false)
                }
                try await RunningServer.with(database.url) { server in
                    let event = try await server.event("evt_1", becomes: "failed")
                    #expect(event["error"]?.string?.contains("died") == true)
                    try await server.event("evt_2", becomes: "processed")
                    try await server.event("evt_3", becomes: "processed")
                }
            }
            // Once the cause is fixed, a replay processes it like any other event.
            try await RunningServer.with(database.url) { server in
                #expect(try await server.shell("events", "replay", "evt_1").code == 0)
                try await server.event("evt_1", becomes: "processed")
            }
        }
    }
}
