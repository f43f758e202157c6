// SPDX-License-Identifier: Apache-2.0

import Foundation
import Notation
import TestSupport
import Testing

/// `tollgate config`, as an operator runs it before a start.
@Suite struct ConfigTests {
    private static let environment = [
        "DATABASE_URL": "postgresql://tollgate:hunter2@db:5432/tollgate", "STRIPE_WEBHOOK_SECRET": RunningServer.secret,
        "TOLLGATE_GATEWAY_TOKEN": RunningServer.gatewayToken,
        "TOLLGATE_ADMIN_TOKEN": "alice=\(RunningServer.adminToken)",
        "TOLLGATE_GRACE_PERIOD": "24h", "TOLLGATE_CREDIT_VALUE": "0.25",
    ]
    private static let secrets = [
        "hunter2", RunningServer.secret, RunningServer.gatewayToken, RunningServer.adminToken,
    ]

    @Test func `what is in force is shown, where it comes from, and no secret`() async throws {
        try await TemporaryFolder.with { folder in
            let plain = try await Program.run(["config"], environment: Self.environment, in: folder)
            #expect(plain.code == 0, "\(plain.errors)")
            let lines = plain.output.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
            #expect(lines.contains("TOLLGATE_GRACE_PERIOD 24h environment"), "\(plain.output)")
            #expect(lines.contains("TOLLGATE_RETENTION 90d default"))
            #expect(lines.contains("TOLLGATE_CREDIT_VALUE 0.25 environment"), "\(plain.output)")
            for line in ["TOLLGATE_PLAN default", "TOLLGATE_WARN_TOKENS 100000", "TOLLGATE_WARN_COST 10"] {
                #expect(lines.contains("\(line) default"), "\(plain.output)")
            }
            #expect(lines.contains("TOLLGATE_ADMIN_TOKEN 1 set: alice environment"))
            let json = try await Program.run(["config", "--json"], environment: Self.environment, in: folder)
            let document = try JSON(bytes: Array(json.output.utf8))
            let settings = try #require(document["settings"]?.array)
            #expect(settings.count == lines.count - 1)
            #expect(document["faults"] == [])
            let retention = try #require(settings.first { $0["name"] == "TOLLGATE_RETENTION" })
            #expect(retention["value"] == "90d" && retention["default"] == "90d" && retention["from"] == "default")
            for secret in Self.secrets { #expect(!(plain.output + json.output).contains(secret)) }
        }
    }

    @Test func `everything that is wrong is said at once, and ends with 78`() async throws {
        var environment = Self.environment
        environment["TOLLGATE_ADMIN_TOKEN"] = nil
        environment["TOLLGATE_RETENTION"] = "90"
        environment["TOLLGATE_SPOOLDIR"] = "/var/spool"
        environment["TOLLGATE_CREDIT_VALUE"] = "0"
        let ended = try await Program.run(["config"], environment: environment)
        #expect(ended.code == 78)
        let said = ended.errors.split(separator: "\n")
        #expect(said.count == 4, "\(ended.errors)")
        for name in ["TOLLGATE_RETENTION", "TOLLGATE_SPOOLDIR", "TOLLGATE_CREDIT_VALUE", "TOLLGATE_ADMIN_TOKEN"] {
            #expect(said.contains { $0.hasPrefix("tollgate: \(name): ") || $0.hasPrefix("tollgate: \(name)_FILE: ") })
        }
        #expect(ended.output.contains("WRONG") && ended.output.contains("MISSING"))
        // A worker needs no admin token.
        environment["TOLLGATE_RETENTION"] = nil
        environment["TOLLGATE_SPOOLDIR"] = nil
        environment["TOLLGATE_CREDIT_VALUE"] = nil
        #expect(try await Program.run(["config", "--for", "worker"], environment: environment).code == 0)
        #expect(try await Program.run(["config", "--for", "nobody"], environment: environment).code == 64)
    }

    @Test func `a secret of a file is read, and the file is named`() async throws {
        try await TemporaryFolder.with { folder in
            let path = "\(folder)/admin"
            try RunningServer.adminToken.write(toFile: path, atomically: false, encoding: .utf8)
            var environment = Self.environment
            environment["TOLLGATE_ADMIN_TOKEN"] = nil
            environment["TOLLGATE_ADMIN_TOKEN_FILE"] = path
            let ended = try await Program.run(["config"], environment: environment, in: folder)
            #expect(ended.code == 0, "\(ended.errors)")
            #expect(ended.output.contains("1 set: #1") && ended.output.contains(path))
            #expect(!ended.output.contains(RunningServer.adminToken))
        }
    }
}
