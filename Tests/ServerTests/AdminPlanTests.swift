// SPDX-License-Identifier: Apache-2.0

import Notation
import TestSupport
import Testing

@testable import Server

/// What operators say that customers are charged.
@Suite struct AdminPlanTests {
    @Test func `there is one plan from the beginning, and it charges what calls cost`() async throws {
        try await ServerFixture.with { server in
            let plans = try await server.admin("GET", "/plans").json["data"]?.array ?? []
            #expect(plans.count == 1)
            #expect(plans.first?["plan"] == "default" && plans.first?["markup"] == "1")
            #expect(plans.first?["bill"] == "credits" && plans.first?["operator"] == "tollgate")
        }
    }

    @Test func `a change is a new version, and the same again is none`() async throws {
        try await ServerFixture.with { server in
            let body = #"""
                {"markup":"1.33","bill":"credits","included":"20.00","tiers":[{"above":"1000","markup":"1.2"}],
                 "prices":["price_1"]}
                """#
            let first = try await server.admin("PUT", "/plans/pro", body: body)
            #expect(first.status == 200, "\(first.text)")
            let plan = try first.json
            #expect(plan["included"] == "20" && plan["tiers"]?[0]?["above"] == "1000")
            #expect(plan["operator"] == "night-shift" && plan["prices"] == ["price_1"])
            #expect(try await server.admin("PUT", "/plans/pro", body: body).json == plan)
            let second = try await server.admin("PUT", "/plans/pro", body: #"{"markup":"1.4","bill":"meter"}"#).json
            #expect(second["version"] != plan["version"] && second["included"] == "0" && second["prices"] == [])
            #expect(try await server.admin("GET", "/plans/pro").json == second)
            #expect(try await server.admin("GET", "/plans").json["data"]?.array?.count == 2)
            #expect(try await server.admin("GET", "/plans/other").json["code"] == "unknown_plan")
        }
    }

    @Test func `a price has one plan`() async throws {
        try await ServerFixture.with { server in
            func set(_ name: String, _ prices: String) async throws -> JSON {
                let body = #"{"markup":"1","bill":"none","prices":\#(prices)}"#
                return try await server.admin("PUT", "/plans/\(name)", body: body).json
            }
            #expect(try await set("a", #"["price_1","price_2"]"#)["plan"] == "a")
            let taken = try await set("b", #"["price_3","price_2"]"#)
            #expect(taken["code"] == "price_of_another_plan")
            #expect(taken["detail"]?.string?.contains("price_2") == true)
            #expect(try await set("a", #"["price_1"]"#)["plan"] == "a")
            #expect(try await set("b", #"["price_3","price_2"]"#)["plan"] == "b")
        }
    }

    @Test(arguments: [
        #"{"markup":"0","bill":"credits"}"#, #"{"markup":"1.00001","bill":"credits"}"#, #"{"bill":"credits"}"#,
        #"{"markup":"1","bill":"gold"}"#, #"{"markup":"1","bill":"credits","included":"-1"}"#,
        #"{"markup":"1","bill":"credits","tiers":[{"above":"5","markup":"1"},{"above":"5","markup":"2"}]}"#,
        #"{"markup":"1","bill":"credits","prices":["price_1","price_1"]}"#,
    ])
    func `what is no plan is refused`(_ body: String) async throws {
        try await ServerFixture.with { server in
            let answer = try await server.admin("PUT", "/plans/pro", body: body)
            #expect(answer.status == 400, "\(answer.text)")
            #expect(try await server.admin("GET", "/plans").json["data"]?.array?.count == 1)
        }
    }
}
