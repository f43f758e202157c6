// SPDX-License-Identifier: Apache-2.0

import Glibc
import Notation
import TestSupport
import Testing

/// The real binary with its spool.
@Suite struct SpoolTests {
    private static let nowhere = "host=127.0.0.1 port=1 dbname=x user=x"

    private func event(_ id: String) -> JSON {
        Events.checkout(id: id, session: "cs_\(id)", paymentIntent: .string("pi_\(id)"))
    }

    @Test func `a server that starts while its database is away spools, and the next one drains`() async throws {
        try await TestDatabase.with { database in
            try await TemporaryFolder.with { folder in
                let spool = ["TOLLGATE_SPOOL_DIR": "\(folder)/spool"]
                try await RunningServer.with(Self.nowhere, environment: spool) { server in
                    for id in ["evt_1", "evt_2", "evt_3"] {
                        #expect(try await server.outcomeInTestMode(of: event(id)) == "spooled")
                    }
                    #expect(try await server.shell("healthcheck").code == 0)
                    let list = try await Program.run(["spool", "list"], environment: spool)
                    #expect(list.code == 0)
                    #expect(list.output.contains(".spool"), "\(list.output)")
                    let answer = try await Program.run(["spool", "list", "--json"], environment: spool)
                    let document = try JSON(bytes: Array(answer.output.utf8))
                    #expect(document["directory"] == .string("\(folder)/spool"))
                    #expect(document["data"]?[0]?["events"] == 3)
                    #expect(document["data"]?[0]?["damaged_bytes"] == 0)
                    #expect(document["data"]?[0]?["last_received_at"]?.string?.hasSuffix("Z") == true)
                    #expect(document["refused"] == 0 && document["damaged"] == 0)
                    #expect(document["not_read"] == [])
                    server.program.send(SIGKILL)
                    _ = try await server.program.ended()
                }
                try await RunningServer.with(database.url, environment: spool) { server in
                    for id in ["evt_1", "evt_2", "evt_3"] { try await server.event(id, becomes: "processed") }
                    #expect(try await server.access(of: "cus_1", becomes: "credits")["credits"] == 1500)
                    try await eventually("an empty spool") {
                        let list = try await Program.run(["spool", "list"], environment: spool)
                        return list.output.hasPrefix("nothing waits") ? true : nil
                    }
                }
            }
        }
    }

    @Test func `a spool that another process holds ends with 78 and names the setting`() async throws {
        try await TestDatabase.with { database in
            try await TemporaryFolder.with { folder in
                let spool = ["TOLLGATE_SPOOL_DIR": "\(folder)/spool"]
                try await RunningServer.with(database.url, environment: spool) { _ in
                    let environment = RunningServer.environment(database.url).merging(spool) { $1 }
                    let second = try await Program.run(["serve"], environment: environment)
                    #expect(second.code == 78)
                    #expect(second.errors.contains("TOLLGATE_SPOOL_DIR"), "\(second.errors)")
                    let drain = try await Program.run(["spool", "drain"], environment: environment)
                    #expect(drain.code == 78)
                }
            }
        }
    }

    @Test func `what a server left in its spool can be drained by hand`() async throws {
        try await TestDatabase.with { database in
            try await TemporaryFolder.with { folder in
                let spool = ["TOLLGATE_SPOOL_DIR": "\(folder)/spool"]
                try await RunningServer.with(Self.nowhere, environment: spool) { server in
                    #expect(try await server.outcomeInTestMode(of: event("evt_1")) == "spooled")
                    server.program.send(SIGTERM)
                    let ended = try await server.program.ended()
                    #expect(ended.code == 0)
                    #expect(ended.errors.contains("still spooled"), "\(ended.errors)")
                }
                let environment = RunningServer.environment(database.url).merging(spool) { $1 }
                let drain = try await Program.run(["spool", "drain"], environment: environment)
                #expect(drain.code == 0)
                #expect(drain.output == "moved 1 events into the inbox\n")
                let again = try await Program.run(["spool", "drain", "--json"], environment: environment)
                #expect(again.code == 0)
                #expect(
                    try JSON(bytes: Array(again.output.utf8))
                        == [
                            "moved": 0, "set_aside": 0, "moved_refused": 0, "left_refused": .null, "refused": 0,
                            "damaged": 0,
                        ])
                try await RunningServer.with(database.url, environment: spool) { server in
                    _ = try await server.event("evt_1", becomes: "processed")
                }
            }
        }
    }

    @Test func `a spool that everybody may write to ends with 78 before any port opens`() async throws {
        try await TestDatabase.with { database in
            try await TemporaryFolder.with { folder in
                let spool = "\(folder)/spool"
                #expect(mkdir(spool, 0o700) == 0 && chmod(spool, 0o777) == 0)
                let environment = RunningServer.environment(database.url)
                    .merging(["TOLLGATE_SPOOL_DIR": spool]) { $1 }
                for arguments in [["serve"], ["serve", "--only", "http"], ["spool", "drain"]] {
                    let ended = try await Program.run(arguments, environment: environment)
                    #expect(ended.code == 78, "\(arguments)")
                    #expect(ended.errors.contains("TOLLGATE_SPOOL_DIR"), "\(ended.errors)")
                    #expect(ended.errors.contains("everybody may write to it"), "\(ended.errors)")
                    #expect(!ended.errors.contains("ready"))
                }
            }
        }
    }

    @Test func `what waited while its secret was taken off the list is kept, said, and drained with --trust`()
        async throws
    {
        try await TestDatabase.with { database in
            try await TemporaryFolder.with { folder in
                let spool = ["TOLLGATE_SPOOL_DIR": "\(folder)/spool"]
                try await RunningServer.with(Self.nowhere, environment: spool) { server in
                    let outcome = try await server.outcomeInTestMode(of: event("evt_1"))
                    #expect(outcome == "spooled")
                }
                let rolled = spool.merging(["STRIPE_WEBHOOK_SECRET": "whsec_new0123456789abcdefghijklmnopqr"]) { $1 }
                try await RunningServer.with(database.url, environment: rolled) { server in
                    let line = try await eventually("a word about it") {
                        LogLine.all(in: server.program.errors).first { $0.message.contains("--trust") }
                    }
                    #expect(line.level == "error")
                    #expect(try await server.get("/admin/v1/events/evt_1").status == 404)
                }
                let environment = RunningServer.environment(database.url).merging(rolled) { $1 }
                let drain = try await Program.run(["spool", "drain", "--trust"], environment: environment)
                #expect(drain.code == 0)
                #expect(drain.output == "moved 0 events into the inbox\nand 1 that were refused; 0 still are\n")
                try await RunningServer.with(database.url, environment: rolled) { server in
                    _ = try await server.event("evt_1", becomes: "processed")
                }
            }
        }
    }

    @Test func `a drain that sets events aside, or leaves them in refused, says so and ends with 1`() async throws {
        try await TestDatabase.with { database in
            try await TemporaryFolder.with { folder in
                let spool = ["TOLLGATE_SPOOL_DIR": "\(folder)/spool"]
                try await RunningServer.with(Self.nowhere, environment: spool) { server in
                    for id in ["evt_1", "evt_2"] {
                        let outcome = try await server.outcomeInTestMode(of: event(id))
                        #expect(outcome == "spooled")
                    }
                }
                let environment = RunningServer.environment(database.url).merging(spool) { $1 }
                let secret = "whsec_new0123456789abcdefghijklmnopqr"
                let other = environment.merging(["STRIPE_WEBHOOK_SECRET": secret]) { $1 }
                let drain = try await Program.run(["spool", "drain"], environment: other)
                #expect(drain.code == 1)
                #expect(drain.output == "moved 0 events into the inbox\n2 were set aside in refused/\n")
                #expect(drain.errors.contains("2 events lie in \(folder)/spool/refused"), "\(drain.errors)")
                #expect(drain.errors.contains("tollgate spool drain --trust"), "\(drain.errors)")
                // The right secret alone does not move them, and the command says so.
                let again = try await Program.run(["spool", "drain", "--json"], environment: environment)
                #expect(again.code == 1)
                let document = try JSON(bytes: Array(again.output.utf8))
                #expect(document["moved"] == 0 && document["set_aside"] == 0 && document["refused"] == 2)
                #expect(again.errors.contains("a secret that is set later does not move them"), "\(again.errors)")
                let trusted = try await Program.run(["spool", "drain", "--trust"], environment: environment)
                #expect(trusted.code == 0, "\(trusted.errors)")
                #expect(trusted.output == "moved 0 events into the inbox\nand 2 that were refused; 0 still are\n")
                #expect(try await Program.run(["spool", "drain"], environment: environment).code == 0)
            }
        }
    }

    @Test func `a folder that holds no spool is named with its setting`() async throws {
        try await TemporaryFolder.with { folder in
            let list = try await Program.run(["spool", "list"], in: folder)
            #expect(list.code == 78)
            #expect(list.errors.hasPrefix("tollgate: TOLLGATE_SPOOL_DIR: is now ./.tollgate/spool, "), "\(list.errors)")
            #expect(list.errors.contains("/.tollgate/spool: no spool can be read there"), "\(list.errors)")
            let database = ["DATABASE_URL": Self.nowhere]
            for place in ["/dev/null", "/dev/null/below"] {
                let environment = RunningServer.environment(Self.nowhere).merging(["TOLLGATE_SPOOL_DIR": place]) { $1 }
                for command in [["spool", "list"], ["spool", "drain"], ["serve"]] {
                    let ended = try await Program.run(command, environment: environment)
                    #expect(ended.code == 78, "\(command)")
                    #expect(
                        ended.errors.contains("tollgate: TOLLGATE_SPOOL_DIR: ") && ended.errors.contains(place)
                            && ended.errors.contains("Not a directory") && !ended.errors.contains("/damaged"),
                        "\(ended.errors)")
                }
            }
            // A drain that finds no spool says so: otherwise it would look like a drain of an empty one.
            let drain = try await Program.run(["spool", "drain", "--trust"], environment: database, in: folder)
            #expect(drain.errors.contains("there was no spool at "), "\(drain.errors)")
        }
    }

    @Test func `beside a running server a drain ends with 78, names the folder once and says who drains`() async throws
    {
        try await TestDatabase.with { database in
            try await TemporaryFolder.with { folder in
                let place = "\(folder)/.tollgate/spool"
                let spool = ["TOLLGATE_SPOOL_DIR": place]
                try await RunningServer.with(database.url, environment: spool) { _ in
                    let environment = RunningServer.environment(database.url)
                    let drain = try await Program.run(["spool", "drain"], environment: environment, in: folder)
                    #expect(drain.code == 78)
                    #expect(
                        drain.errors == """
                            tollgate: TOLLGATE_SPOOL_DIR: spool ./.tollgate/spool (\(place)) is in use by another process, \
                            which drains it: stop that one, or give this one its own directory

                            """)
                    let absolute = try await Program.run(
                        ["spool", "drain"], environment: environment.merging(spool) { $1 })
                    #expect(absolute.errors.hasPrefix("tollgate: TOLLGATE_SPOOL_DIR: spool \(place) is in use"))
                }
            }
        }
    }

    @Test func `draining by hand needs the secret, or the word that all of it is believed`() async throws {
        try await TestDatabase.with { database in
            try await TemporaryFolder.with { folder in
                let environment = ["DATABASE_URL": database.url, "TOLLGATE_SPOOL_DIR": "\(folder)/spool"]
                let drain = try await Program.run(["spool", "drain"], environment: environment)
                #expect(drain.code == 78)
                #expect(drain.errors.contains("STRIPE_WEBHOOK_SECRET"), "\(drain.errors)")
                #expect(try await Program.run(["spool", "drain", "--trust"], environment: environment).code == 0)
            }
        }
    }

    @Test func `a second signal ends a server that is still busy at once`() async throws {
        try await TestDatabase.with { database in
            let holder = AccountHolder(database)
            try await holder.hold("cus_1") {
                try await RunningServer.with(database.url) { server in
                    try await server.postInTestMode(event("evt_1"))
                    try await holder.isWaitedFor()
                    server.program.send(SIGTERM)
                    _ = try await server.program.logged("asked to stop")
                    server.program.send(SIGTERM)
                    #expect(try await server.program.ended().code == 1)
                }
            }
        }
    }
}
