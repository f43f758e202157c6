// SPDX-License-Identifier: Apache-2.0

import Notation
import TestSupport
import Testing

@testable import Server

extension ServerFixture {
    static let rates = #"""
        {"rates":[{"provider":"anthropic","model":"sonnet","effective_at":"2026-01-01T00:00:00Z","input":"3","output":"15",
        "cache_read":"0.3","cache_write_5m":"3.75","cache_write_1h":"6","web_search":"10","batch":"0.5"},
        {"provider":"own","model":"images","effective_at":"2026-01-01T00:00:00Z","unit:image":"0.04"}]}
        """#

    /// Has an operator approve what models cost.
    func approve(_ rates: String = rates) async throws {
        let draft = try await admin("POST", "/rates/drafts", body: rates)
        let id = try #require(try draft.json["id"]?.string, "\(draft.text)")
        let approval = try await admin("POST", "/rates/drafts/\(id)/approve")
        #expect(approval.status == 200, "\(approval.text)")
    }

    func plan(_ body: String, named name: String = "default") async throws {
        let answer = try await admin("PUT", "/plans/\(name)", body: body)
        #expect(answer.status == 200, "\(answer.text)")
    }

    /// Reports calls as a gateway does.
    /// - Returns: what became of each.
    func report(_ records: String...) async throws -> [JSON] {
        let answer = try await gateway(
            "POST", "/v1/usage", body: "{\"records\":[\(records.joined(separator: ","))]}")
        #expect(answer.status == 200, "\(answer.text)")
        return try answer.json["data"]?.array ?? []
    }

    /// A record of so many tokens of output, at $15 a million.
    static func record(
        _ id: String, of customer: String = "cus_1", output: Int64 = 100, at: String = "2026-11-01T12:00:00Z",
        _ more: String = ""
    ) -> String {
        """
        {"id":"\(id)","customer":"\(customer)","provider":"anthropic","dialect":"anthropic","model":"sonnet",
         "at":"\(at)","usage":{"input_tokens":0,"output_tokens":\(output)}\(more)}
        """
    }

    func quarantined(_ query: String = "status=quarantined") async throws -> [JSON] {
        try await admin("GET", "/usage?\(query)").json["data"]?.array ?? []
    }
}
