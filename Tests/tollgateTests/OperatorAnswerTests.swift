// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport
import Testing

/// What the operator's commands report, with the real binary.
@Suite struct OperatorAnswerTests {
    @Test func `a purchase that is taken from another customer says from whom`() async throws {
        try await TestDatabase.with { database in
            try await RunningServer.with(database.url) { server in
                try await server.postInTestMode(Events.checkout(id: "evt_1", customer: .null))
                try await server.event("evt_1", becomes: "processed")
                func assign(_ customer: String) async throws -> Program.Ended {
                    try await server.shell("purchases", "assign", "pi_1", "--customer", customer, "--reason", "r")
                }
                let first = try await assign("cus_g")
                #expect(first.code == 0 && !first.output.contains("taken from"), "\(first.output)")
                let moved = try await assign("cus_h")
                #expect(moved.code == 0)
                let taken = "taken from cus_g: -500 credits, now credits_exhausted\n"
                #expect(moved.output.contains(taken), "\(moved.output)")
                let again = try await assign("cus_h")
                #expect(again.code == 0 && !again.output.contains("taken from"), "\(again.output)")
            }
        }
    }

    @Test func `what a command did not do it does not claim`() async throws {
        try await TestDatabase.with { database in
            try await RunningServer.with(database.url) { server in
                func grant(_ amount: String) async throws -> Program.Ended {
                    try await server.shell(
                        "customers", "grant", "cus_1", "--amount", amount, "--reason", "r", "--idempotency-key", "k1")
                }
                let granted = try await grant("5")
                #expect(granted.output.hasPrefix("cus_1: +5 credits, balance 5  (entry 1, 20"), "\(granted.output)")
                _ = try await server.shell("customers", "grant", "cus_1", "--amount", "2", "--reason", "r")
                // The first grant's balance and time: a repeated grant shows that it was already made.
                #expect(try await grant("5").output == granted.output)
                let product = try await server.shell("prices", "set", "prod_1", "--credits", "5")
                #expect(product.code == 0 && product.errors.contains("prod_1 looks like a product"))
                #expect(try await server.shell("prices", "set", "price_1", "--credits", "5").errors == "")
                let dry = try await server.shell("trigger", "invoice.paid", "--dry-run", "--json", "--count", "2")
                #expect(dry.output.split(separator: "\n").count == 2, "\(dry.output)")
                let reused = try await grant("6")
                #expect(reused.code == 1)
                #expect(reused.errors.contains("conflict"), "\(reused.errors)")
                #expect(!reused.errors.contains("to repeat this grant safely"), "\(reused.errors)")
                let lost = try await Program.run(
                    ["customers", "grant", "cus_1", "--amount", "5", "--reason", "r", "--idempotency-key", "k2"],
                    environment: [
                        "TOLLGATE_ADMIN_TOKEN": RunningServer.adminToken, "TOLLGATE_PRIVATE_ADDRESS": "127.0.0.1:1",
                    ])
                #expect(lost.errors.contains("give --idempotency-key k2"), "\(lost.errors)")

                let none = try await server.shell("customers", "clear-override", "cus_1")
                #expect(none.code == 0 && none.output == "cus_1: had no override\n", "\(none.output)")
                _ = try await server.shell("customers", "override", "cus_1", "--deny", "--reason", "r")
                let cleared = try await server.shell("customers", "clear-override", "cus_1")
                #expect(cleared.output == "cus_1: the rules decide again\n", "\(cleared.output)")

                let unread = try await Program.withClosedPipe(
                    ["customers", "list"],
                    environment: [
                        "TOLLGATE_ADMIN_TOKEN": RunningServer.adminToken,
                        "TOLLGATE_PRIVATE_ADDRESS": String(server.privateURL.dropFirst("http://".count)),
                    ])
                #expect(unread.code == 128 + SIGPIPE)
                #expect(unread.errors == "")
            }
        }
    }
}

extension Program {
    /// Runs it with a full pipe as standard output, whose reader then closes it: nothing is written before that.
    fileprivate static func withClosedPipe(
        _ arguments: [String], environment: [String: String]
    ) async throws -> Ended {
        try await TemporaryFolder.with { folder in
            let pipe = "\(folder)/pipe"
            guard mkfifo(pipe, 0o600) == 0 else { throw NeverCame(description: "a pipe") }
            let reader = open(pipe, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
            let writer = open(pipe, O_WRONLY | O_NONBLOCK | O_CLOEXEC)
            defer { close(writer) }
            while write(writer, "x", 1) == 1 {}
            return try await with(arguments, environment: environment, writingTo: pipe) { program in
                close(reader)
                return try await program.ended()
            }
        }
    }
}
