// SPDX-License-Identifier: Apache-2.0

import Notation
import Postgres
import TestSupport
import Testing

@testable import Server

/// A call's record settles the hold that was made for it.
@Suite struct UsageHoldTests {
    private static func record(_ id: String, _ credits: Int64, hold: String = "h") -> String {
        // $15 a million tokens of output, and a credit is worth $0.001.
        ServerFixture.record(id, output: credits * 1_000 / 15 + (credits == 0 ? 0 : 1), #","hold":"\#(hold)""#)
    }

    private static func with(_ body: (ServerFixture) async throws -> Void) async throws {
        try await ServerFixture.with { server in
            try await server.approve()
            try await server.grant(100)
            try await body(server)
        }
    }

    @Test(arguments: [10, 30, 120] as [Int64])
    func `an open hold is settled for what was used, less or more than it keeps`(_ credits: Int64) async throws {
        try await Self.with { server in
            #expect(try await server.hold("h", #"{"amount":30}"#).status == 201)
            let receipt = try await server.report(Self.record("a", credits))[0]["receipt"]
            #expect(receipt?["credits"]?.integer == credits && receipt?["hold"] == "h")
            #expect(try await server.figures() == [100 - credits, 0, 100 - credits])
            let hold: JSON = try await server.hold("h")
            #expect(hold["status"] == "settled" && hold["debited"]?.integer == credits)
            // Again: nothing.
            _ = try await server.report(Self.record("a", credits))
            #expect(try await server.figures() == [100 - credits, 0, 100 - credits])
        }
    }

    @Test func `a second record with the same hold, and one with a hold that is unknown, are charged in full`()
        async throws
    {
        try await Self.with { server in
            _ = try await server.hold("h", #"{"amount":30}"#)
            let outcomes = try await server.report(
                Self.record("a", 10), Self.record("b", 20), Self.record("c", 5, hold: "other"))
            #expect(outcomes.map { $0["outcome"] } == ["recorded", "recorded", "recorded"])
            #expect(try await server.figures() == [65, 0, 65])
            let ledger = try await server.admin("GET", "/customers/cus_1/ledger").json["data"]?.array ?? []
            #expect(ledger.prefix(3).map { $0["kind"] } == ["usage", "usage", "settlement"])
        }
    }

    @Test func `a failed call without a charge gives its hold back`() async throws {
        try await Self.with { server in
            _ = try await server.hold("h", #"{"amount":30}"#)
            let record = #"""
                {"id":"a","customer":"cus_1","provider":"anthropic","dialect":"anthropic","model":"sonnet",
                 "at":"2026-11-01T12:00:00Z","status":"failed","hold":"h"}
                """#
            #expect(try await server.report(record)[0]["receipt"]?["credits"] == 0)
            let hold: JSON = try await server.hold("h")
            #expect(hold["status"] == "released")
            #expect(try await server.figures() == [100, 0, 100])
        }
    }

    @Test func `where a plan takes no credits, the hold is released`() async throws {
        try await Self.with { server in
            try await server.plan(#"{"markup":"1","bill":"meter"}"#)
            _ = try await server.hold("h", #"{"amount":30}"#)
            let receipt = try await server.report(Self.record("a", 10))[0]["receipt"]
            #expect(receipt?["credits"] == 0 && receipt?["charge"] != "0" && receipt?["remainder"] == "0")
            let hold: JSON = try await server.hold("h")
            #expect(hold["status"] == "released")
            #expect(try await server.figures() == [100, 0, 100])
        }
    }

    @Test(arguments: ["settle", "release"], [10, 30, 60] as [Int64])
    func `a record that comes after its hold has expired posts what is missing, or gives back what is too much`(
        _ onExpiry: String, _ credits: Int64
    ) async throws {
        try await Self.with { server in
            _ = try await server.hold("h", #"{"amount":30,"ttl":"1s","on_expiry":"\#(onExpiry)"}"#)
            let left: Int64 = onExpiry == "settle" ? 70 : 100
            try await eventually("the expiry") { try await server.figures() == [left, 0, left] ? true : nil }
            _ = try await server.report(Self.record("a", credits))
            #expect(try await server.figures() == [100 - credits, 0, 100 - credits])
            let hold: JSON = try await server.hold("h")
            #expect(hold["status"] == "settled" && hold["debited"]?.integer == credits && hold["late"] == true)
        }
    }

    @Test func `the call of a plan without credits gives back what its hold's expiry took`() async throws {
        try await Self.with { server in
            try await server.plan(#"{"markup":"1","bill":"none"}"#)
            _ = try await server.hold("h", #"{"amount":30,"ttl":"1s","on_expiry":"settle"}"#)
            try await eventually("the expiry") { try await server.figures() == [70, 0, 70] ? true : nil }
            _ = try await server.report(Self.record("a", 10))
            #expect(try await server.figures() == [100, 0, 100])
        }
    }
}
