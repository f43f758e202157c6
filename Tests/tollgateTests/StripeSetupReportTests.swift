// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// What `tollgate stripe setup` tells the operator to do with the secret, done by a real shell.
@Suite struct StripeSetupReportTests {
    private static let url = "https://hooks.example.com/webhooks/stripe"
    private static let known = "whsec_9f1b2c3d4e5f60718293a4b5c6d7e8f9"

    private func connect(
        _ stripe: StripeStandIn, _ file: String, _ environment: [String: String]
    ) async throws -> [String] {
        let ended = try await Program.run(
            ["stripe", "setup", "--url", Self.url, "--connect", "--secret-file", file],
            environment: stripe.environment.merging(environment) { $1 }, in: "/tmp")
        #expect(ended.code == 0, "\(ended.errors)")
        return ended.output.split(separator: "\n").map(String.init)
    }

    private func shell(_ line: String, _ environment: [String: String]) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", line]
        process.environment = environment.merging(["PATH": "/usr/bin:/bin"]) { $1 }
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func `a second secret goes into the file that holds the first, by the line that is printed`() async throws {
        try await StripeStandIn.with { stripe in
            try await TemporaryFolder.with { folder in
                let (file, new) = ("\(folder)/it's secret", "\(folder)/new one")
                try "\(Self.known)\n".write(toFile: file, atomically: false, encoding: .utf8)
                let lines = try await connect(stripe, new, ["STRIPE_WEBHOOK_SECRET_FILE": file])
                let line = try #require(lines.first { $0.hasPrefix("  ") && $0.contains("printf") }, "\(lines)")
                #expect(!lines.contains { $0.hasPrefix("  STRIPE_WEBHOOK_SECRET=") }, "\(lines)")
                #expect(lines.last == line && lines.dropLast().last?.hasPrefix("now, for every Tollgate") == true)
                _ = try shell(line, [:])
                let held = try String(contentsOfFile: file, encoding: .utf8)
                #expect(held == "\(Self.known),connect=whsec_secretOfEndpoint1\n")
            }
        }
    }

    @Test func `where it is unknown how the first is set, both ways are told, and each does`() async throws {
        try await StripeStandIn.with { stripe in
            try await TemporaryFolder.with { folder in
                let lines = try await connect(stripe, "\(folder)/new", [:])
                let variable = try #require(lines.first { $0.hasPrefix("  STRIPE_WEBHOOK_SECRET=") }, "\(lines)")
                let command = "\(variable); printf %s \"$STRIPE_WEBHOOK_SECRET\""
                let added = try shell(command, ["STRIPE_WEBHOOK_SECRET": "a"])
                #expect(added == "a,connect=whsec_secretOfEndpoint1")
                // It never makes a list of the new secret alone.
                let alone = try shell(command, [:])
                #expect(alone == "")
                let file = try #require(lines.first { $0.contains("printf") }, "\(lines)")
                try "a".write(toFile: "\(folder)/old", atomically: false, encoding: .utf8)
                _ = try shell(file, ["STRIPE_WEBHOOK_SECRET_FILE": "\(folder)/old"])
                let held = try String(contentsOfFile: "\(folder)/old", encoding: .utf8)
                #expect(held == "a,connect=whsec_secretOfEndpoint1\n")
            }
        }
    }

    @Test func `a label that is taken is not given again`() async throws {
        try await StripeStandIn.with { stripe in
            try await TemporaryFolder.with { folder in
                let lines = try await connect(
                    stripe, "\(folder)/new", ["STRIPE_WEBHOOK_SECRET": "connect=\(Self.known)"])
                #expect(lines.contains { $0.contains(",connect-2=$(cat ") }, "\(lines)")
            }
        }
    }

    @Test func `a secret that the list has is not added once more, also where the file is the list`() async throws {
        try await StripeStandIn.with { stripe in
            try await TemporaryFolder.with { folder in
                let (list, new) = ("\(folder)/list", "\(folder)/new")
                _ = try await connect(stripe, new, [:])
                let secret = try String(contentsOfFile: new, encoding: .utf8)
                try "\(Self.known),connect=\(secret)".write(toFile: list, atomically: true, encoding: .utf8)
                for file in [list, new] {
                    let lines = try await connect(stripe, file, ["STRIPE_WEBHOOK_SECRET_FILE": list])
                    #expect(lines.first?.hasPrefix("nothing to do: we_1 ") == true)
                    #expect(!lines.contains { $0.contains("add the secret") }, "\(lines)")
                }
                let other = try await connect(stripe, new, ["STRIPE_WEBHOOK_SECRET": Self.known])
                #expect(other.contains { $0.hasPrefix("if \(new) holds its secret") }, "\(other)")
            }
        }
    }

    @Test func `the file of the old secret does not stand for that of the new one`() async throws {
        try await StripeStandIn.with { stripe in
            try await TemporaryFolder.with { folder in
                let (old, new) = ("\(folder)/old", "\(folder)/new")
                func move(_ version: String, _ file: String, _ settings: [String: String]) async throws -> Program.Ended
                {
                    try await Program.run(
                        ["stripe", "setup", "--url", Self.url, "--api-version", version, "--secret-file", file],
                        environment: stripe.environment.merging(settings) { $1 }, in: "/tmp")
                }
                #expect(try await move("2024-06-20", old, [:]).code == 0)
                let settings = ["STRIPE_WEBHOOK_SECRET_FILE": old]
                #expect(try await move("2025-09-30.clover", new, settings).code == 0)
                let slip = try await move("2025-09-30.clover", old, settings)
                #expect(slip.code == 1 && slip.errors.contains("2 endpoints would deliver"), "\(slip.errors)")
                #expect(stripe.endpoints.map { $0["status"]?.string } == ["enabled", "disabled"])
            }
        }
    }

    @Test func `what Stripe says of a version is shown as text`() async throws {
        try await StripeStandIn.with { stripe in
            try await TemporaryFolder.with { folder in
                _ = try await connect(stripe, "\(folder)/1", [:])
                stripe.change { $0.endpoints[0]["api_version"] = "2025\u{1B}]0;x\u{07}" }
                let lines = try await connect(stripe, "\(folder)/1", [:])
                #expect(lines.first?.contains("2025") == true)
                #expect(!lines.contains { $0.contains("\u{1B}") }, "\(lines)")
            }
        }
    }

    @Test func `nothing to do says of the file that nothing was written, and where the secret is`() async throws {
        try await StripeStandIn.with { stripe in
            try await TemporaryFolder.with { folder in
                _ = try await connect(stripe, "\(folder)/1", [:])
                let lines = try await connect(stripe, "\(folder)/2", [:])
                #expect(lines.first?.hasPrefix("nothing to do: we_1 ") == true)
                #expect(lines.contains { $0.contains("\(folder)/2: nothing was written") && $0.contains("Workbench") })
                #expect(!FileManager.default.fileExists(atPath: "\(folder)/2"))
            }
        }
    }
}
