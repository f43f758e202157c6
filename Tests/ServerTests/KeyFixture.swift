// SPDX-License-Identifier: Apache-2.0

import Notation
import TestSupport
import Testing

@testable import Server

extension ServerFixture {
    /// Makes a key for a customer.
    func createKey(
        of customer: String = "cus_1",
        _ body: String = "{}",
        idempotencyKey: String
    ) async throws -> HTTPAnswer {
        try await admin(
            "POST", "/customers/\(customer)/keys",
            headers: [("Idempotency-Key", idempotencyKey), ("Content-Type", "application/json")], body: body)
    }

    /// - Returns: the key itself, and its id.
    func key(of customer: String = "cus_1", idempotencyKey: String = "first") async throws -> (text: String, id: String)
    {
        let answer = try await createKey(of: customer, idempotencyKey: idempotencyKey)
        #expect(answer.status == 201, "\(answer.text)")
        return (try #require(try answer.json["key"]?.string), try #require(try answer.json["id"]?.string))
    }

    /// As a gateway asks, with its token.
    func authorize(
        _ key: String?,
        _ headers: [(String, String)] = [],
        method: String = "GET",
        path: String = "/v1/authorize",
        token: String? = Self.gatewayToken
    ) async throws -> HTTPAnswer {
        let own = token.map { [("Tollgate-Gateway-Token", $0)] } ?? []
        return try await inside(method, path, token: key, headers: own + headers)
    }
}
