// SPDX-License-Identifier: Apache-2.0

import Metering
import Notation
import TestSupport
import Testing

@testable import Server

/// A month's statement, which adds up to the last digit.
@Suite struct StatementTests {
    private static func statement(
        _ server: ServerFixture, _ month: String, of customer: String = "cus_1"
    ) async throws -> JSON {
        let answer = try await server.gateway("GET", "/v1/customers/\(customer)/statement?month=\(month)")
        #expect(answer.status == 200, "\(answer.text)")
        return try answer.json
    }

    private static func dollars(_ json: JSON?) throws -> Dollars {
        try #require(json?.string.flatMap { Dollars($0) })
    }

    // MARK: Adding up

    /// What a customer's calls come to, counted one by one in 10^-24 dollars.
    private struct Count {
        var carried: Int128 = 0
        /// By month.
        var moved: [String: Int128] = [:]
        var charges: [String: [String: Int128]] = [:]
        var credits: [String: Int128] = [:]
        var worth: [String: Int128] = [:]

        mutating func add(_ call: UsageCall, _ charge: Int128, value: Int128) {
            let month = String(call.at.prefix(7))
            charges[month, default: [:]][call.bill, default: 0] += charge
            guard call.bill == "credits" else { return }
            let sum = carried + charge
            credits[month, default: 0] += sum / value
            worth[month, default: 0] += sum - sum % value
            moved[month, default: 0] += sum % value - carried
            carried = sum % value
        }
    }

    /// More than a page of lines a month, charged in another order than they were made.
    private static func calls(_ random: inout SeededRandom) -> ([UsageCall], Count) {
        var count = Count()
        let calls = (0..<700).map { number in
            let month = random.pick("2026-10", "2026-11", "2026-12")
            let charge = Int128(random.within(0...Int64.max)) * Int128(random.within(0...2_000))
            var call = UsageCall(
                "call_\(number)", at: "\(month)-\(random.within(10...28))T0\(random.within(0...9)):00:00Z",
                charge: Dollars(count: charge).description)
            call.bill = random.pick("credits", "credits", "credits", "meter", "none")
            // What a credit is worth was changed.
            let value: Int128 = number < 300 ? 1_000_000_000_000_000_000_000 : 7_000_000_000_000_000_000_000
            call.creditValue = Dollars(count: value).description
            count.add(call, charge, value: value)
            return call
        }
        return (calls, count)
    }

    @Test func `a statement adds up to the last digit, whatever was charged when`() async throws {
        var random = SeededRandom(20_261_126)
        let (calls, count) = Self.calls(&random)
        try await ServerFixture.with(workers: 0) { server in
            try await UsageCall.record(calls, on: server.source)
            var carried: Int128 = 0
            for month in ["2026-09", "2026-10", "2026-11", "2026-12", "2027-01"] {
                let statement = try await Self.statement(server, month)
                #expect(try Self.dollars(statement["opening"]).count == carried, "\(month)")
                carried += count.moved[month] ?? 0
                #expect(try Self.dollars(statement["closing"]).count == carried, "\(month)")
                #expect(statement["records"] == statement.at("sums.records"))
                #expect(statement["credits"]?.integer.map { Int128($0) } == count.credits[month] ?? 0)
                #expect(statement["credits"] == statement.at("sums.credits"))
                var total: Int128 = 0
                for bill in ["credits", "meter", "none"] {
                    let charge = count.charges[month]?[bill] ?? 0
                    total += charge
                    #expect(try Self.dollars(statement.at("sums.charge.\(bill)")).count == charge, "\(month) \(bill)")
                }
                #expect(try Self.dollars(statement["total"]).count == total)
                let worth = try Self.dollars(statement.at("sums.credits_worth")).count
                #expect(worth == count.worth[month] ?? 0)
                try Self.expectLines(statement, calls.filter { $0.at.hasPrefix(month) })
            }
            #expect(carried == count.carried)
        }
    }

    private static func expectLines(_ statement: JSON, _ calls: [UsageCall]) throws {
        let lines = statement["lines"]?.array ?? []
        let expected = calls.sorted { ($0.at, $0.id) < ($1.at, $1.id) }
        #expect(lines.count == expected.count)
        #expect(lines.map { $0["id"]?.string } == expected.map(\.id))
        #expect(lines.map { $0["charge"]?.string } == expected.map(\.charge))
        let worth = try lines.reduce(Int128(0)) { sum, line in
            try sum + dollars(line["credit_value"]).count * Int128(line["credits"]?.integer ?? 0)
        }
        let both = try dollars(statement["opening"]).count + dollars(statement.at("sums.charge.credits")).count
        #expect(try both == worth + dollars(statement["closing"]).count)
    }

    // MARK: Months

    @Test func `a month is that of UTC, from its first instant until before that of the next`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            try await UsageCall.record(
                [
                    UsageCall("call_1", at: "2026-10-31T23:59:59.999999Z", charge: "0.0004"),
                    UsageCall("call_2", at: "2026-11-01T00:00:00Z", charge: "0.0008"),
                    UsageCall("call_3", at: "2026-12-01T00:30:00+01:00", charge: "0.0001"),
                    UsageCall("call_4", at: "2026-11-30T23:59:59.999999Z", charge: "0.0001"),
                    UsageCall("call_5", at: "2026-12-01T00:00:00Z", charge: "0.0001"),
                    UsageCall("call_6", at: "2026-10-31T16:00:00-08:00", charge: "0.0001"),
                ], on: server.source)
            func summary(_ month: String) async throws -> [String] {
                let statement = try await Self.statement(server, month)
                let ids = (statement["lines"]?.array ?? []).compactMap { $0["id"]?.string }
                return [statement["opening"], statement["closing"]].compactMap { $0?.string } + ids
            }
            #expect(try await summary("2026-10") == ["0", "0.0004", "call_1"])
            #expect(
                try await summary("2026-11") == ["0.0004", "0.0005", "call_2", "call_6", "call_3", "call_4"])
            #expect(try await summary("2026-12") == ["0.0005", "0.0006", "call_5"])
        }
    }

    @Test func `what a late call used of a later month's is missing there`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            try await UsageCall.record(
                [
                    UsageCall("call_1", at: "2026-11-26T00:00:00Z", charge: "0.0007"),
                    UsageCall("late", at: "2026-10-26T00:00:00Z", charge: "0.0004"),
                ], on: server.source)
            let (october, november) = (
                try await Self.statement(server, "2026-10"), try await Self.statement(server, "2026-11")
            )
            #expect(october.only("opening", "closing") == ["opening": "0", "closing": "-0.0006"])
            #expect(november.only("opening", "closing") == ["opening": "-0.0006", "closing": "0.0001"])
            #expect(october["credits"] == 1 && november["credits"] == 0)
        }
    }

    @Test func `a month without calls is empty, and the default is the current one`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            let now = server.clock.now
            try await UsageCall.record([UsageCall("call_1", at: "\(now)", charge: "0.0004")], on: server.source)
            let current = try await server.gateway("GET", "/v1/customers/cus_1/statement").json
            #expect(current["month"] == .string(String("\(now)".prefix(7))) && current["lines"]?.array?.count == 1)
            server.clock.shift(by: .seconds(31 * 86_400))
            let next = try await server.gateway("GET", "/v1/customers/cus_1/statement").json
            #expect(
                next == [
                    "customer": "cus_1", "month": .string("\(UTCMonth(containing: now + .seconds(31 * 86_400)))"),
                    "opening": "0.0004", "closing": "0.0004", "total": "0", "credits": 0, "records": 0,
                    "words": "nothing was used", "lines": [],
                    "sums": [
                        "records": 0, "free": 0, "charge": ["credits": "0", "meter": "0", "none": "0"], "credits": 0,
                        "credits_worth": "0",
                    ],
                ])
        }
    }

    // MARK: Asking

    @Test func `what is asked for wrongly is refused`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            try await UsageCall.record([UsageCall("call_1", at: "2026-11-26T00:00:00Z")], on: server.source)
            for query in ["month=2026-13", "month=2026-11-01", "month=november", "month=1969-12", "month=2100-01"] {
                let answer = try await server.gateway("GET", "/v1/customers/cus_1/statement?\(query)")
                #expect(answer.summary == "400 invalid_parameter", "\(query)")
            }
            func accept(_ types: String, _ method: String = "GET") async throws -> HTTPAnswer {
                try await server.inside(
                    method, "/v1/customers/cus_1/statement?month=2026-11", token: ServerFixture.gatewayToken,
                    headers: [("Accept", types)])
            }
            for types in ["application/pdf", "text/plain, image/*", "application/json;q=0, text/plain"] {
                let answer = try await accept(types)
                #expect(answer.summary == "406 not_acceptable", "\(types)")
                #expect(try answer.json["detail"]?.string?.contains("text/csv") == true)
            }
            for (types, form) in [
                ("*/*", "application/json"), ("text/html,*/*;q=0.8", "text/html; charset=utf-8"),
                ("text/csv;q=0.5, text/html;q=0.1", "text/csv; charset=utf-8; header=present"),
            ] {
                let answer = try await accept(types)
                #expect(answer.headers["content-type"] == form)
                #expect(answer.headers["vary"] == "Accept" && answer.headers["cache-control"] == "no-store")
                #expect(try await accept(types, "HEAD").headers["content-type"] == form)
            }
        }
    }

    @Test func `operators see the same`() async throws {
        try await ServerFixture.with(workers: 0) { server in
            try await UsageCall.record([UsageCall("call_1", at: "2026-11-26T00:00:00Z")], on: server.source)
            let answer = try await server.gateway("GET", "/v1/customers/cus_1/statement?month=2026-11")
            let admin = try await server.admin("GET", "/customers/cus_1/statement?month=2026-11")
            #expect(admin.body == answer.body)
            let gateway = try await server.gateway("GET", "/admin/v1/customers/cus_1/statement?month=2026-11")
            #expect(gateway.summary == "403 forbidden")
        }
    }
}
