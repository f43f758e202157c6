// SPDX-License-Identifier: Apache-2.0

import Notation
import TestSupport
import Testing

@testable import Server

extension ServerFixture {
    /// Gives a customer credits, as an operator does.
    @discardableResult
    func grant(
        _ amount: Int64,
        to customer: String = "cus_1",
        expiresAt: Timestamp? = nil,
        key: String = "first"
    ) async throws -> HTTPAnswer {
        let end = expiresAt.map { ",\"expires_at\":\"\($0)\"" } ?? ""
        let answer = try await admin(
            "POST", "/customers/\(customer)/credits", headers: [("Idempotency-Key", key)],
            body: "{\"amount\":\(amount),\"reason\":\"a test\"\(end)}")
        #expect(answer.status == 200, "\(answer.text)")
        return answer
    }

    func hold(_ id: String, of customer: String = "cus_1", _ body: String) async throws -> HTTPAnswer {
        try await gateway("PUT", "/v1/customers/\(customer)/holds/\(id)", body: body)
    }

    func settle(_ id: String, _ amount: Int64, of customer: String = "cus_1") async throws -> HTTPAnswer {
        try await gateway("POST", "/v1/customers/\(customer)/holds/\(id)/settle", body: "{\"amount\":\(amount)}")
    }

    func release(_ id: String, of customer: String = "cus_1") async throws -> HTTPAnswer {
        try await gateway("POST", "/v1/customers/\(customer)/holds/\(id)/release")
    }

    func extend(_ id: String, _ ttl: String, of customer: String = "cus_1") async throws -> HTTPAnswer {
        try await gateway("POST", "/v1/customers/\(customer)/holds/\(id)/extend", body: "{\"ttl\":\"\(ttl)\"}")
    }

    func hold(_ id: String, of customer: String = "cus_1") async throws -> JSON {
        try await gateway("GET", "/v1/customers/\(customer)/holds/\(id)").json
    }

    func debit(_ id: String, of customer: String = "cus_1", _ body: String) async throws -> HTTPAnswer {
        try await gateway("PUT", "/v1/customers/\(customer)/debits/\(id)", body: body)
    }

    func balance(of customer: String = "cus_1") async throws -> JSON {
        try await gateway("GET", "/v1/customers/\(customer)/balance").json
    }

    /// `credits`, `held` and `available` of a customer.
    func figures(of customer: String = "cus_1") async throws -> [Int64?] {
        let balance = try await balance(of: customer)
        return ["credits", "held", "available"].map { balance[$0]?.integer }
    }
}

extension JSON {
    /// Some members of an object, for comparing.
    func only(_ names: String...) -> JSON {
        .object((object ?? [:]).filter { names.contains($0.key) })
    }
}
