// SPDX-License-Identifier: Apache-2.0

import Notation
import TestSupport
import Testing

@testable import Server

/// What operators say that models cost.
@Suite struct AdminRateTests {
    private static func body(_ members: String, dryRun: Bool = false) -> String {
        """
        {"rates":[{"provider":"anthropic","effective_at":"2026-01-01T00:00:00Z",\(members)}],"dry_run":\(dryRun)}
        """
    }

    @Test func `rates are proposed, looked at, approved, and then hold`() async throws {
        try await ServerFixture.with { server in
            let body = Self.body(#""model":"m","input":"3","cache_read":"4","unit:image":"0.04""#)
            let proposed = try await server.admin("POST", "/rates/drafts", body: body)
            #expect(proposed.status == 201, "\(proposed.text)")
            let draft = try proposed.json
            let id = try #require(draft["id"]?.string)
            #expect(draft["status"] == "draft" && draft["operator"] == "night-shift")
            #expect(draft["rates"]?[0]?["unit:image"] == "0.04")
            #expect(draft["findings"]?.array?.count == 1)
            #expect(draft["findings"]?[0]?["kind"] == "cache_read_above_input")
            #expect(draft["changes"]?.array?.count == 3)
            #expect(try await server.admin("GET", "/rates/drafts/\(id)").json == draft)
            #expect(try await server.admin("GET", "/rates").json["data"] == [])

            let approved = try await server.admin("POST", "/rates/drafts/\(id)/approve")
            #expect(approved.status == 200)
            let approval = try approved.json
            #expect(approval["status"] == "approved" && approval["added"] == 1)
            let again = try await server.admin("POST", "/rates/drafts/\(id)/approve")
            #expect(again.status == 409)
            #expect(try again.json["code"] == "draft_approved")
            let rates = try await server.admin("GET", "/rates").json
            #expect(rates["data"]?.array?.count == 1 && rates["data"]?[0]?["rate"]?["input"] == "3")
            #expect(try await server.admin("GET", "/rates?at=2025-12-31").json["code"] == "invalid_parameter")
            #expect(try await server.admin("GET", "/rates?at=2025-12-31T23:59:59Z").json["data"] == [])
            let list = try await server.admin("GET", "/rates/drafts").json
            let ids = list["data"]?.array?.map { $0["id"]?.string ?? "" }
            #expect(ids == [id, "rtd_00000000000000000000000000000001"])
            #expect(list["data"]?[0]?["count"] == 1)
            for path in ["/rates/drafts/rtd_x", "/rates/drafts/rtd_x/approve"] {
                let method = path.hasSuffix("approve") ? "POST" : "GET"
                #expect(try await server.admin(method, path).json["code"] == "unknown_draft")
            }
        }
    }

    @Test func `a dry run says the same and keeps nothing`() async throws {
        try await ServerFixture.with { server in
            let answer = try await server.admin(
                "POST", "/rates/drafts", body: Self.body(#""model":"m","input":"0""#, dryRun: true))
            #expect(answer.status == 200)
            #expect(try answer.json["findings"]?[0]?["kind"] == "zero")
            #expect(try answer.json["changes"]?[0]?.object?["before"] == .null)
            #expect(try await server.admin("GET", "/rates/drafts").json["data"]?.array?.count == 1)
        }
    }

    @Test(arguments: [
        #""model":"m","inputs":"3""#, #""model":"m","input":"1e3""#, #""model":"m","input":"0.0000000000000001""#,
        #""input":"3""#, #""model":"m\u0000","input":"3""#, #""model":"m","input":"3","geo":{"\u0000":"1.1"}"#,
        #""model":"m","input":"3","tiers":[{"above":5}]"#,
    ])
    func `what cannot be charged exactly is refused, with its place`(_ members: String) async throws {
        try await ServerFixture.with { server in
            let answer = try await server.admin("POST", "/rates/drafts", body: Self.body(members))
            #expect(answer.status == 400)
            #expect(try answer.json["code"] == "invalid_field", "\(answer.text)")
            #expect(answer.text.contains("rates[0]"), "\(answer.text)")
            #expect(try await server.admin("GET", "/rates/drafts").json["data"]?.array?.count == 1)
        }
    }
}
