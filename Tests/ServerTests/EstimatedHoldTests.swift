// SPDX-License-Identifier: Apache-2.0

import Notation
import Postgres
import TestSupport
import Testing

@testable import Server

/// A hold of what a call will cost at most, before the provider is called.
@Suite struct EstimatedHoldTests {
    private static func body(_ output: Int64, input: Int64 = 0, model: String = "sonnet", _ more: String = "") -> String
    {
        """
        {"estimate":{"provider":"anthropic","model":"\(model)","input_tokens":\(input),"max_output_tokens":\(output)}\(more)}
        """
    }

    private static func with(_ body: (ServerFixture) async throws -> Void) async throws {
        try await ServerFixture.with { server in
            try await server.approve()
            try await server.grant(100)
            try await body(server)
        }
    }

    @Test func `it keeps what the call costs at most, says why, and is settled by the record`() async throws {
        try await Self.with { server in
            // $0.015075: 16 credits, rounded up.
            let answer = try await server.hold("h", Self.body(1_005))
            #expect(try answer.status == 201 && answer.json["granted"] == 16 && answer.json["available"] == 84)
            #expect(
                try answer.json["estimate"] == [
                    "cost": "0.015075", "charge": "0.015075", "credits": 16, "warning": .null, "enough": true,
                ])
            let long = try await server.hold("long", Self.body(10, input: 150_000, #","minimum":5"#)).json
            #expect(long["estimate"]?["warning"] == "long_context" && long["granted"] == 84)
            _ = try await server.release("long")
            _ = try await server.report(ServerFixture.record("a", output: 600, #","hold":"h""#))
            #expect(try await server.figures() == [91, 0, 91])
        }
    }

    @Test func `the same call again is the same hold, also where it would cost something else by now`() async throws {
        try await Self.with { server in
            let first = try await server.hold("h", Self.body(1_000))
            try await server.plan(#"{"markup":"2","bill":"credits"}"#)
            let again = try await server.hold("h", Self.body(1_000))
            #expect(try again.status == 200 && again.json["granted"] == 15 && again.json["hold"] == first.json["hold"])
            #expect(try again.json["estimate"]?["credits"] == 30)
            #expect(try await server.hold("h", Self.body(1_001)).status == 409)
            #expect(try await server.hold("h", #"{"amount":15}"#).status == 409)
            #expect(try await server.figures() == [100, 15, 85])
        }
    }

    @Test func `what cannot be estimated or kept is refused`() async throws {
        try await Self.with { server in
            #expect(try await server.hold("h", Self.body(100_000)).status == 402)
            #expect(try await server.hold("h", Self.body(1, model: "other")).json["code"] == "no_rate")
            #expect(try await server.hold("h", of: "cus_2", Self.body(1)).json["code"] == "unknown_customer")
            #expect(try await server.hold("h", "{}").json["code"] == "missing_field")
            #expect(try await server.hold("h", Self.body(1, #","amount":5"#)).json["code"] == "invalid_field")
            #expect(try await server.hold("h", Self.body(0)).json["code"] == "nothing_to_hold")
            try await server.plan(#"{"markup":"1","bill":"meter"}"#)
            #expect(try await server.hold("h", Self.body(1_000)).json["code"] == "nothing_to_hold")
            #expect(try await server.figures() == [100, 0, 100])
        }
    }

    @Test func `what the month has come to counts`() async throws {
        try await Self.with { server in
            try await server.plan(#"{"markup":"1","bill":"credits","included":"0.015"}"#)
            let now = Timestamp.now
            #expect(try await server.hold("h", Self.body(1_000)).json["code"] == "nothing_to_hold")
            let used = try await server.report(ServerFixture.record("a", output: 1_000, at: "\(now)"))[0]["receipt"]
            #expect(used?["charge"] == "0")
            // Unless it is the first moment of another month.
            guard Timestamp.now.startOfMonth == now.startOfMonth else { return }
            #expect(try await server.hold("h", Self.body(1_000)).json["granted"] == 15)
        }
    }
}
