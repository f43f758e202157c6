// SPDX-License-Identifier: Apache-2.0

import Console
import Notation
import Settings
import TestSupport
import Testing

@testable import tollgate

/// `tollgate records`, with the real binary: calls that could not be charged.
@Suite struct RecordsTests {
    @Test func `what is quarantined is listed, replayed and discarded`() async throws {
        try await TestDatabase.with { database in
            try await RunningServer.with(database.url) { server in
                try await server.report(["a", "b", "c"], model: "claude-fable-5-1")
                try await server.report(["d"], model: "other")
                let list = try await server.shell("records", "quarantined", "--limit", "3")
                #expect(list.output.contains(/\na +cus_1 +claude-fable-5-1 +20[^ ]+ +1 +no_rate +model has no rate/))
                #expect(list.code == 0 && list.errors.contains("more: --starting-after c"), "\(list.errors)")
                let one = try await server.shell("records", "replay", "a")
                #expect(one.code == 1 && one.output.hasPrefix("a: quarantined: model has no rate"), "\(one.output)")
                let discarded = try await server.shell("records", "discard", "b", "--reason", "a trial")
                #expect(discarded.code == 0 && discarded.output == "b is discarded by alice: a trial\n")
                let approved = try await server.shell("rates", "approve", "rtd_00000000000000000000000000000001")
                #expect(approved.code == 0, "\(approved.errors)")
                // $50 a million tokens.
                let replayed = try await server.shell("records", "replay", "a")
                #expect(replayed.code == 0 && replayed.output == "a: charged $0.05, 50 credits\n", "\(replayed.output)")
                let all = try await server.shell("records", "replay", "--all")
                #expect(all.code == 1, "\(all.errors)")
                #expect(all.output.hasPrefix("d: quarantined: "), "\(all.output)")
                #expect(all.output.hasSuffix("\n1 charged, 1 still quarantined\n"), "\(all.output)")
                let json = try await server.shell("records", "replay", "--all", "--json")
                #expect(try JSON(bytes: Array(json.output.utf8)) == ["charged": 0, "quarantined": 1])
                let late = try await server.shell("records", "replay", "b")
                #expect(late.code == 1 && late.errors.contains("usage_not_quarantined"), "\(late.errors)")
                #expect(try await server.shell("records", "replay").code == 64)
                #expect(try await server.shell("records", "replay", "a", "--all").code == 64)
                #expect(try await server.shell("records", "replay", "a/b").code == 64)
                #expect(try await server.shell("records", "discard", "d", "--reason", " ").code == 64)
            }
        }
    }
}

extension RunningServer {
    /// As a gateway: each call has a thousand tokens of output.
    fileprivate func report(_ ids: [String], model: String) async throws {
        let records = ids.map { id -> JSON in
            [
                "id": .string(id), "customer": "cus_1", "provider": "anthropic", "dialect": "anthropic",
                "model": .string(model), "at": "2026-11-01T12:00:00Z",
                "usage": ["input_tokens": 0, "output_tokens": 1000],
            ]
        }
        try await ServiceClient.with(base: privateURL, token: Secret(Self.gatewayToken)) { client in
            let body: JSON = ["records": .array(records)]
            let answer = try await client.send(
                .POST, "/v1/usage", headers: [("Content-Type", "application/json")], body: body.bytes)
            #expect(answer.status == 200, "\(answer.body)")
        }
    }
}
