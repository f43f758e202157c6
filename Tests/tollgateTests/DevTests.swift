// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Settings
import TestSupport
import Testing

@Suite struct DevTests {
    static let environment = ["TOLLGATE_PUBLIC_ADDRESS": "127.0.0.1:0", "TOLLGATE_PRIVATE_ADDRESS": "127.0.0.1:0"]

    private func clusters(in folder: String) -> [RunningProcess] {
        RunningProcess.all.filter { $0.commandLine.contains(folder) && $0.commandLine.contains("postgres") }
    }

    @Test func `dev keeps its data through a kill and a restart, and stops its PostgreSQL on Ctrl-C`() async throws {
        try await TemporaryFolder.with { folder in
            try await Program.with(["dev"], environment: Self.environment, in: folder) { program in
                _ = try await RunningServer(ready: program)
                try await eventually("the greeting", within: .seconds(60)) {
                    program.output.contains("Tollgate is running") ? true : nil
                }
                // No options: the secret and the address come from the folder.
                let sent = try await Program.run(["trigger", "invoice.paid", "--customer", "cus_1"], in: folder)
                #expect(sent.code == 0, "\(sent.errors)")
                let second = try await Program.run(["dev"], environment: Self.environment, in: folder)
                #expect(second.code == 1)
                #expect(second.errors.contains(folder), "\(second.errors)")
                program.send(SIGKILL)
                _ = try await program.ended()
                #expect(!clusters(in: folder).isEmpty)
            }
            try await Program.with(["dev"], environment: Self.environment, in: folder) { program in
                _ = try await RunningServer(ready: program)
                try await eventually("the greeting", within: .seconds(60)) {
                    program.output.contains("Tollgate is running") ? true : nil
                }
                let shown = try await eventually("the customer", within: .seconds(60)) {
                    let shown = try await Program.run(["customers", "show", "cus_1"], in: folder)
                    return shown.code == 0 ? shown : nil
                }
                #expect(shown.output.contains("invoice_paid"))
                program.send(SIGINT)
                #expect(try await program.ended().code == 0)
            }
            #expect(clusters(in: folder).isEmpty)
        }
    }

    /// Waits for the greeting.
    private func greeting(of program: Program) async throws -> String {
        try await eventually("the greeting", within: .seconds(60)) {
            if program.hasEnded { throw NeverCame(description: program.errors) }
            return program.output.contains("events list\n") ? program.output : nil
        }
    }

    private func psqlLine(in greeting: String) -> Substring? {
        greeting.split(separator: "\n").first { $0.contains("psql ") }
    }

    @Test func `dev ends and says so when its PostgreSQL was killed, and the next run has the data`() async throws {
        try await TemporaryFolder.with { folder in
            try await Program.with(["dev"], environment: Self.environment, in: folder) { program in
                _ = try await greeting(of: program)
                for process in clusters(in: folder) { kill(process.id, SIGKILL) }
                let ended = try await program.ended()
                #expect(ended.code == 1)
                #expect(ended.errors.contains("has ended by itself; start again"), "\(ended.errors)")
            }
            try await Program.with(["dev"], environment: Self.environment, in: folder) { program in
                _ = try await greeting(of: program)
                program.send(SIGINT)
                #expect(try await program.ended().code == 0)
            }
        }
    }

    @Test func `a closed terminal stops dev and its PostgreSQL, and the next run has the same database address`()
        async throws
    {
        try await TemporaryFolder.with { folder in
            var lines: [Substring?] = []
            for _ in 1...2 {
                try await Program.with(["dev"], environment: Self.environment, in: folder) { program in
                    lines.append(psqlLine(in: try await greeting(of: program)))
                    // The kernel and the shell send one each.
                    program.send(SIGHUP)
                    program.send(SIGHUP)
                    let ended = try await program.ended()
                    #expect(ended.code == 0)
                    #expect(ended.errors.contains("asked to stop"), "\(ended.errors)")
                }
                #expect(clusters(in: folder).isEmpty)
            }
            #expect(lines[0] != nil)
            #expect(lines[0] == lines[1])
        }
    }

    @Test func `a second Ctrl-C ends dev at once, and its PostgreSQL with it`() async throws {
        try await TemporaryFolder.with { folder in
            try await Program.with(["dev"], environment: Self.environment, in: folder) { program in
                _ = try await greeting(of: program)
                let family = clusters(in: folder).flatMap(\.family)
                // Only if the test fails is there something left to end.
                defer { for process in family where process.isAlive { kill(process.id, SIGKILL) } }
                // Frozen, it keeps the orderly stop from ever ending.
                let checkpointer = try #require(family.first { $0.commandLine.contains("checkpointer") })
                kill(checkpointer.id, SIGSTOP)
                program.send(SIGINT)
                try await eventually("the orderly stop") { program.errors.contains("asked to stop") ? true : nil }
                program.send(SIGINT)
                #expect(try await program.ended().code == 1)
                // PostgreSQL waits 5 seconds for those of its processes that do not end.
                try await eventually("the end of PostgreSQL") { clusters(in: folder).isEmpty ? true : nil }
            }
            try await Program.with(["dev"], environment: Self.environment, in: folder) { program in
                _ = try await greeting(of: program)
                program.send(SIGINT)
                #expect(try await program.ended().code == 0)
            }
        }
    }

    @Test func `dev neither takes nor shows nor keeps the secrets of the environment, and names what it leaves aside`()
        async throws
    {
        let real = [
            "STRIPE_WEBHOOK_SECRET": "whsec_real8f1b2c3d4e5f60718293a4b5c6d7", "DATABASE_URL": "nonsense hunter2",
            "TOLLGATE_ADMIN_TOKEN": "alice=real-admin-0123456789", "TOLLGATE_GATEWAY_TOKEN_FILE": "/nonexistent",
        ]
        try await TemporaryFolder.with { folder in
            let environment = Self.environment.merging(real) { $1 }
            try await Program.with(["dev"], environment: environment, in: folder) { program in
                let said = try await greeting(of: program)
                let file = try String(contentsOfFile: "\(folder)/.tollgate/dev.env", encoding: .utf8)
                for hidden in ["real8f1b", "hunter2", "real-admin", "/nonexistent"] {
                    #expect(!(said + program.errors + file).contains(hidden), "\(hidden)")
                }
                for name in real.keys { #expect(said.contains(name), "\(name) in \(said)") }
                #expect(file.contains("STRIPE_WEBHOOK_SECRET=whsec_"))
                var status = stat()
                for (path, mode) in [("dev.env", 0o600), ("lock", 0o600), ("", geteuid() == 0 ? 0o711 : 0o700)] {
                    #expect(stat("\(folder)/.tollgate/\(path)", &status) == 0)
                    #expect(status.st_mode & 0o777 == mode_t(mode), "\(path)")
                }
                // Events signed with the real secret are refused; those of commands in its own folder are accepted.
                let own = try await Program.run(["trigger", "invoice.paid"], in: folder)
                #expect(own.code == 0, "\(own.errors)")
                let address = try DevelopmentEnvironment.parse(file)["TOLLGATE_PUBLIC_ADDRESS"] ?? ""
                let foreign = try await Program.run([
                    "trigger", "invoice.paid", "--to", "http://\(address)", "--secret",
                    real["STRIPE_WEBHOOK_SECRET"] ?? "",
                ])
                #expect(foreign.code == 1)
                #expect(foreign.output.contains("signature_mismatch"), "\(foreign.output)")
            }
        }
    }

    @Test func `what is done by hand finds the database of the folder`() async throws {
        try await TemporaryFolder.with { folder in
            try await Program.with(["dev"], environment: Self.environment, in: folder) { program in
                _ = try await greeting(of: program)
                let elsewhere = ["TOLLGATE_SPOOL_DIR": "other"]
                for command in [["migrate"], ["prune", "--dry-run"], ["spool", "drain"]] {
                    let ended = try await Program.run(command, environment: elsewhere, in: folder)
                    #expect(ended.code == 0, "\(command): \(ended.errors)")
                    #expect(ended.errors.contains(".tollgate/dev.env"), "\(ended.errors)")
                    #expect(try await Program.run(command, environment: elsewhere).code == 78)
                }
            }
        }
    }

    @Test func `dev takes events by one more secret that it is given`() async throws {
        try await TemporaryFolder.with { folder in
            let secret = "whsec_of_stripe_listen_0123456789abcdef"
            try await Program.with(["dev", "--secret", secret], environment: Self.environment, in: folder) { program in
                let said = try await greeting(of: program)
                #expect(!said.contains(secret))
                for own in [[], ["--secret", secret]] {
                    let sent = try await Program.run(["trigger", "invoice.paid"] + own, in: folder)
                    #expect(sent.code == 0, "\(sent.output) \(sent.errors)")
                }
            }
        }
    }

    @Test func `a port that is taken keeps dev from making anything, and the message names the setting`() async throws {
        let taken = try TakenPort()
        try await TemporaryFolder.with { folder in
            let environment = Self.environment.merging(["TOLLGATE_PRIVATE_ADDRESS": taken.address]) { $1 }
            let ended = try await Program.run(["dev"], environment: environment, in: folder)
            #expect(ended.code == 1)
            #expect(ended.errors.contains("set TOLLGATE_PRIVATE_ADDRESS to another port"), "\(ended.errors)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
        }
    }

    @Test func `data of another PostgreSQL is named with what to do`() async throws {
        try await TemporaryFolder.with { folder in
            try await Program.with(["dev"], environment: Self.environment, in: folder) { program in
                _ = try await greeting(of: program)
            }
            let version = "\(folder)/.tollgate/postgres/data/PG_VERSION"
            try "9\n".write(toFile: version, atomically: false, encoding: .utf8)
            let ended = try await Program.run(["dev"], environment: Self.environment, in: folder)
            #expect(ended.code == 1)
            #expect(ended.errors.contains("was made by PostgreSQL 9"), "\(ended.errors)")
            #expect(ended.errors.contains("--reset"), "\(ended.errors)")
            #expect(ended.errors.contains("\(folder)/.tollgate/postgres/data"), "\(ended.errors)")
        }
    }

    @Test func `the demo of usage adds up`() async throws {
        let ended = try await Program.run(["dev", "--demo", "usage"])
        #expect(ended.code == 0, "\(ended.errors)")
        #expect(
            ended.output.contains("sum    $2.8044: 2804 credits, and $0.0004 carried to the next call"),
            "\(ended.output)")
        #expect(ended.output.contains("Done: every call is charged once, and the statement adds up."))
        #expect(try await Program.run(["dev", "usage"]).code == 64)
        #expect(try await Program.run(["dev", "--demo", "other"]).code == 64)
    }

    @Test func `the demo tells its story and leaves nothing behind`() async throws {
        let ended = try await Program.run(["dev", "--demo"])
        #expect(ended.code == 0, "\(ended.errors)")
        let steps = ended.output.split(separator: "\n").filter { $0.contains("→") }
        #expect(steps.count == 9)
        #expect(steps.contains { $0.contains("grace_period until") && $0.contains("blocked payment_overdue") })
        #expect(ended.output.contains("Done: every step ended as it should."))
        let folder = try #require(ended.output.split(separator: " ").first { $0.hasPrefix("/tmp/tollgate-demo-") })
        #expect(access(String(folder), F_OK) != 0)
        #expect(clusters(in: String(folder)).isEmpty)
    }
}
