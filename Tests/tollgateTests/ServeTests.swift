import Foundation
import Glibc
import Stripe
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
                            // In a worker's hands.
                            try await holder.isWaitedFor()
                        }
                        server.program.send(SIGKILL)
                        _ = try await server.program.ended()
                    }
                    // What the dead one's session held is free again.
                    try await holder.isWaitedFor(false)
                }
                try await RunningServer.with(database.url) { server in
                    let event = try await server.event("evt_1", becomes: "failed")
                    #expect(event["error"]?.string?.contains("died") == true)
                    try await server.event("evt_2", becomes: "processed")
                    try await server.event("evt_3", becomes: "processed")
                }
            }
            // Mended and replayed, it is an event like any other.
            try await RunningServer.with(database.url) { server in
                #expect(try await server.shell("events", "replay", "evt_1").code == 0)
                try await server.event("evt_1", becomes: "processed")
            }
        }
    }
}
