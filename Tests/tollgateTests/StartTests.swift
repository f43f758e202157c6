// SPDX-License-Identifier: Apache-2.0

import Glibc
import Notation
import Server
import Settings
import Telemetry
import TestSupport
import Testing

@testable import tollgate

/// What the program does before it serves: its exit codes, its migrations.
@Suite struct StartTests {
    struct Wrong: Sendable, CustomTestStringConvertible {
        let variable: String
        let value: String?
        var testDescription: String { "\(variable)=\(value ?? "(not set)")" }
    }

    static let wrong = [
        Wrong(variable: "DATABASE_URL", value: nil),
        Wrong(variable: "DATABASE_URL", value: "mysql://localhost"),
        Wrong(variable: "STRIPE_WEBHOOK_SECRET", value: nil),
        Wrong(variable: "STRIPE_WEBHOOK_SECRET", value: " "),
        Wrong(variable: "STRIPE_WEBHOOK_SECRET", value: "whsec_..."),
        Wrong(variable: "TOLLGATE_GATEWAY_TOKEN", value: "short"),
        Wrong(variable: "TOLLGATE_ADMIN_TOKEN", value: RunningServer.gatewayToken),
        Wrong(variable: "TOLLGATE_ADMIN_TOKEN_FILE", value: "/nonexistent"),
        Wrong(variable: "TOLLGATE_GRACE_PERIOD", value: "72"),
        Wrong(variable: "STRIPE_MODE", value: "sandbox"),
        Wrong(variable: "TOLLGATE_PUBLIC_ADDRESS", value: "8080"),
        Wrong(variable: "TOLLGATE_PUBLIC_ADDRESS", value: "300.1.1.1:0"),
        Wrong(variable: "TOLLGATE_PRIVATE_ADDRESS", value: "256.1.1.1:1"),
        // Reserved for documentation: no machine has it.
        Wrong(variable: "TOLLGATE_PRIVATE_ADDRESS", value: "192.0.2.1:0"),
        Wrong(variable: "TOLLGATE_PRIVATE_ADDRESS", value: "name.invalid:0"),
    ]

    @Test(arguments: wrong) func `wrong configuration ends with 78 and one line that names it`(_ wrong: Wrong)
        async throws
    {
        var environment = RunningServer.environment("host=/nonexistent")
        environment[wrong.variable] = wrong.value
        let ended = try await Program.run(["serve"], environment: environment)
        #expect(ended.code == 78)
        #expect(ended.errors.split(separator: "\n").count == 1, "\(ended.errors)")
        let name = wrong.variable.hasSuffix("_FILE") ? String(wrong.variable.dropLast(5)) : wrong.variable
        #expect(ended.errors.contains(name), "\(ended.errors)")
    }

    @Test(arguments: [["serve", "--only", "nothing"], ["trigger"], ["nonsense"], ["events", "show"]])
    func `wrong usage ends with 64`(_ arguments: [String]) async throws {
        #expect(try await Program.run(arguments).code == 64)
    }

    @Test(arguments: [
        "serve", "dev", "migrate", "trigger", "events", "replays", "customers", "prune", "healthcheck", "bench",
    ])
    func `every command explains itself`(_ command: String) async throws {
        let ended = try await Program.run([command, "--help"])
        #expect(ended.code == 0)
        #expect(ended.output.contains("USAGE: tollgate \(command)"))
    }

    @Test func `with too few open files it does not start, and says how many it needs`() async throws {
        try await TestDatabase.with { database in
            try await TemporaryFolder.with { folder in
                try await Program.with(
                    ["serve"], environment: RunningServer.environment(database.url), in: folder, descriptors: 16
                ) { program in
                    let ended = try await program.ended()
                    #expect(ended.code == 1)
                    #expect(ended.errors.contains("may open only 16 files, and needs 64"), "\(ended.errors)")
                }
            }
        }
    }

    @Test func `the program says which version it is`() async throws {
        let ended = try await Program.run(["--version"])
        #expect(ended.code == 0)
        #expect(ended.output == "tollgate \(Version.current) (commit \(Version.commit ?? "unknown"))\n")
    }

    @Test func `without a spool, a database that is not there ends with 1 and no password`() async throws {
        var environment = RunningServer.environment("postgres://tollgate:hunter2@127.0.0.1:1/tollgate")
        environment["TOLLGATE_SPOOL_DIR"] = "off"
        let ended = try await Program.run(["serve"], environment: environment)
        #expect(ended.code == 1)
        #expect(ended.errors.contains("refused"), "\(ended.errors)")
        #expect(!ended.errors.contains("hunter2"))
    }

    @Test func `a port that is taken ends with 1 and names the setting`() async throws {
        let taken = try TakenPort()
        try await TestDatabase.with { database in
            var environment = RunningServer.environment(database.url)
            environment["TOLLGATE_PRIVATE_ADDRESS"] = taken.address
            let ended = try await Program.run(["serve"], environment: environment)
            #expect(ended.code == 1)
            #expect(ended.errors.contains("TOLLGATE_PRIVATE_ADDRESS \(taken.address)"), "\(ended.errors)")
            // Both listeners or none: the other one never listened.
            #expect(!ended.errors.contains("listening"), "\(ended.errors)")
        }
    }

    @Test(arguments: [("localhost", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("127.0.0.1", "0.0.0.0")])
    func `two listeners of one address by two names are refused`(one: String, other: String) throws {
        var port = 0
        do {
            // The port is free again after this block.
            port = try TakenPort().number
        }
        #expect(throws: ConfigurationError.self) {
            try ListenProbe.check([
                ("A", ListenAddress(host: one, port: port)), ("B", ListenAddress(host: other, port: port)),
            ])
        }
    }

    /// The largest and smallest value of every number and duration.
    static let extremes = [
        [
            "STRIPE_TOLERANCE": "36500d", "TOLLGATE_GRACE_PERIOD": "36500d", "TOLLGATE_ACCESS_STALE": "36500d",
            "TOLLGATE_RETENTION": "36500d", "TOLLGATE_ACCESS_CACHE": "100000000",
            "TOLLGATE_SPOOL_LIMIT": "1125899906842624",
        ],
        [
            "STRIPE_TOLERANCE": "30s", "TOLLGATE_GRACE_PERIOD": "1s", "TOLLGATE_ACCESS_STALE": "1s",
            "TOLLGATE_RETENTION": "1s", "TOLLGATE_ACCESS_CACHE": "1", "TOLLGATE_SPOOL_LIMIT": "1",
        ],
    ]

    @Test(arguments: extremes) func `whatever is allowed works`(_ extreme: [String: String]) async throws {
        try await TestDatabase.with { database in
            try await RunningServer.with(database.url, environment: extreme) { server in
                let failed = try await server.shell("trigger", "invoice.payment_failed", "--customer", "cus_1")
                #expect(failed.code == 0, "\(failed.output)")
                _ = try await server.shell("trigger", "invoice.paid", "--customer", "cus_2")
                try await server.access(of: "cus_2", becomes: "invoice_paid")
                #expect(try await server.shell("customers", "show", "cus_1").code == 0)
                #expect(try await server.shell("healthcheck").code == 0)
                let environment = RunningServer.environment(database.url).merging(extreme) { $1 }
                #expect(try await Program.run(["prune"], environment: environment).code == 0)
                server.program.send(SIGTERM)
                #expect(try await server.program.ended().code == 0)
            }
        }
    }

    @Test func `the first line of the log says how the server runs, and nothing secret`() async throws {
        try await TestDatabase.with { database in
            let settings = [
                "STRIPE_WEBHOOK_SECRET": "new=\(RunningServer.secret),whsec_2f1b2c3d4e5f60718293a4b5c6d7e8f9",
                "TOLLGATE_GRACE_PERIOD": "25h", "TOLLGATE_SPOOL_DIR": "here",
            ]
            try await RunningServer.with(database.url, environment: settings) { server in
                let fields = try await server.program.logged("starting").fields
                #expect(fields["version"]?.string == Version.current)
                #expect(fields["mode"] == "test")
                #expect(fields["grace_period"] == "25h")
                #expect(fields["retention"] == "90d")
                #expect(fields["webhook_labels"] == "new,#2")
                #expect(fields["admin_labels"] == "alice")
                #expect(fields["gateway_labels"] == "#1")
                #expect(fields["spool"]?.string?.hasPrefix("/tmp/") == true)
                #expect(fields["spool"]?.string?.hasSuffix("/here") == true)
            }
        }
    }

    @Test func `a new database that comes later is prepared first, and nobody takes that for another schema`()
        async throws
    {
        try await TestDatabase.withEmpty { database in
            // First like a database that restarts, then like one that does not exist yet.
            try await database.cutOff()
            try await RunningServer.with(database.url) { server in
                let away = "the database is away: events are spooled until it is back"
                #expect(try await server.program.logged(away).level == "warning")
                try await TestDatabase.administer("ALTER DATABASE \(database.name) RENAME TO \(database.name)_later")
                try await eventually("the new cause") { () -> Bool? in
                    LogLine.all(in: server.program.errors).contains { $0.message == away && $0.level == "critical" }
                        ? true : nil
                }
                try await TestDatabase.administer("ALTER DATABASE \(database.name)_later RENAME TO \(database.name)")
                try await database.letIn()
                _ = try await server.program.logged("the database is there, its schema is up to date")
                _ = try await server.program.logged("the trouble with the database is over")
                #expect(!server.program.errors.contains("schema is not the one"), "\(server.program.errors)")
            }
        }
    }

    @Test func `two processes that migrate at once both end well, and a third finds nothing to do`() async throws {
        try await TestDatabase.withEmpty { database in
            let environment = ["DATABASE_URL": database.url]
            let unready = try await Program.run(
                ["serve", "--no-migrate"], environment: RunningServer.environment(database.url))
            #expect(unready.code == 1)
            #expect(unready.errors.contains("tollgate migrate"), "\(unready.errors)")
            async let one = Program.run(["migrate"], environment: environment)
            async let other = Program.run(["migrate"], environment: environment)
            let both = try await [one, other]
            #expect(both.map(\.code) == [0, 0])
            #expect(both.filter { $0.output.contains("applied V001_events") }.count == 1)
            let third = try await Program.run(["migrate"], environment: environment)
            #expect(third.code == 0)
            #expect(third.output == "the schema is up to date\n")
            let json = try await Program.run(["migrate", "--json"], environment: environment)
            #expect(try JSON(bytes: Array(json.output.utf8)) == ["applied": []])
        }
    }
}
