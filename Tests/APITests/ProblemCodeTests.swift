// SPDX-License-Identifier: Apache-2.0

import Notation
import Testing

@testable import API

@Suite struct ProblemCodeTests {
    private static let document = OpenAPIDocument(version: "1").json

    @Test func `the outcome of one debit among many has the codes that this debit can have, and no other`() throws {
        let outcome = try #require(Self.document.at("components.schemas.DebitOutcome.properties.code.enum")?.array)
        let expected = [
            "balance_out_of_range", "conflict", "customer_deleted", "disputed", "insufficient_credits",
            "internal_error", "invalid_field", "missing_field", "override_deny", "payment_overdue", "unavailable",
            "unknown_customer", "unknown_field",
        ]
        #expect(outcome.compactMap(\.string).sorted() == expected)
        // Each is one that the same debit could have alone.
        let alone = DebitsAPI.create.endpoint.problems.map(\.rawValue) + ["insufficient_credits"]
        #expect(Set(expected).isSubset(of: alone))
    }
}
