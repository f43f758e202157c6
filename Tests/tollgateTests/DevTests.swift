import Glibc
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
