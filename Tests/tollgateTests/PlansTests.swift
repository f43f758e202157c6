// SPDX-License-Identifier: Apache-2.0

import Console
import Metering
import Notation
import Settings
import TestSupport
import Testing

@testable import tollgate

/// `tollgate plans`, with the real binary, and what a running server charges by its settings.
@Suite struct PlansTests {
    @Test func `a plan is set, changed and shown`() async throws {
        try await TestDatabase.with { database in
            try await RunningServer.with(database.url) { server in
                let first = try await server.shell("plans", "list")
                #expect(first.code == 0)
                #expect(first.output.contains(/\ndefault +credits +1 +tollgate +20/), "\(first.output)")
                let set = try await server.shell(
                    "plans", "set", "pro", "--markup", "1.33", "--bill", "credits", "--included", "20.00", "--tier",
                    "1000:1.2", "--price", "price_123", "--price", "gold.monthly")
                #expect(set.code == 0, "\(set.errors)")
                #expect(
                    set.output.contains(
                        /pro +credits +1.33, 1.2 above 1000 +20 +price_123 gold.monthly +alice +20.*plan_[0-9a-f]{32}\n/
                    ),
                    "\(set.output)")
                #expect(try await server.shell("plans", "show", "pro").output == set.output)
                // What is not given is not kept.
                let changed = try await server.shell(
                    "plans", "set", "pro", "--markup", "2", "--bill", "none", "--json")
                let plan = try JSON(bytes: Array(changed.output.utf8))
                #expect(plan["markup"] == "2" && plan["bill"] == "none" && plan["included"] == "0")
                #expect(plan["prices"] == [] && plan["tiers"] == [])
                _ = try await server.shell(
                    "plans", "set", "max", "--markup", "1", "--bill", "meter", "--price", "price_123")
                let taken = try await server.shell(
                    "plans", "set", "pro", "--markup", "1", "--bill", "none", "--price", "price_123")
                #expect(taken.code == 1 && taken.errors.contains("price_of_another_plan"), "\(taken.errors)")
                let lines = try await server.shell("plans", "list").output.split(separator: "\n").map { $0.prefix(4) }
                #expect(lines == ["PLAN", "defa", "max ", "pro "])
                let unknown = try await server.shell("plans", "show", "other")
                #expect(unknown.code == 1 && unknown.errors.contains("unknown_plan"), "\(unknown.errors)")
            }
        }
    }

    @Test func `what is not configured is the standard`() throws {
        let policy = ChargePolicy(try Configuration(profile: .dev, environment: [:], isTerminal: false))
        let standard = ChargePolicy.standard
        #expect(policy.plan == standard.plan && policy.creditValue == standard.creditValue)
        #expect(policy.thresholds == standard.thresholds)
    }

    @Test func `a server charges as it is configured`() async throws {
        let settings = [
            "TOLLGATE_PLAN": "pro", "TOLLGATE_CREDIT_VALUE": "0.25", "TOLLGATE_WARN_TOKENS": "5",
            "TOLLGATE_WARN_COST": "9.99",
        ]
        try await TestDatabase.with { database in
            try await RunningServer.with(database.url, environment: settings) { server in
                for command in [
                    ["rates", "approve", "rtd_00000000000000000000000000000001"],
                    ["plans", "set", "pro", "--markup", "2", "--bill", "credits"],
                    ["customers", "grant", "cus_1", "--amount", "5", "--reason", "r"],
                ] {
                    let ended = try await server.shell(command)
                    #expect(ended.code == 0, "\(ended.errors)")
                }
                // 10 dollars a million tokens.
                #expect(
                    try await server.estimate(inputTokens: 5) == [
                        "cost": "0.00005", "charge": "0.0001", "credits": 1, "warning": .null, "enough": true,
                    ])
                #expect(
                    try await server.estimate(inputTokens: 100_000) == [
                        "cost": "1", "charge": "2", "credits": 8, "warning": "long_context", "enough": false,
                    ])
                #expect(try await server.estimate(inputTokens: 1_000_000)["warning"] == "expensive")
            }
        }
    }
}

extension RunningServer {
    fileprivate func estimate(inputTokens: Int64) async throws -> JSON {
        let call: JSON = [
            "customer": "cus_1", "provider": "anthropic", "model": "claude-fable-5-1",
            "input_tokens": .integer(inputTokens), "max_output_tokens": 0,
        ]
        return try await ServiceClient.with(base: privateURL, token: Secret(Self.gatewayToken)) { client in
            let headers = [("Content-Type", "application/json")]
            let answer = try await client.send(.POST, "/v1/estimate", headers: headers, body: call.bytes)
            return try JSON(bytes: Array(answer.body.utf8))
        }
    }
}
