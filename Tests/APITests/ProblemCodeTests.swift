// SPDX-License-Identifier: Apache-2.0

import Foundation
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

    @Test func `the page on the API has every code, once, with its status and what to do`() throws {
        let page = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/api.md")
        let text = try String(contentsOf: page.standardized, encoding: .utf8)
        let section = text.split(separator: "\n## Problem codes\n").last?.split(separator: "\n## ").first ?? ""
        let rows = section.matches(of: /(?m)^\| `([a-z_]+)` \| ([0-9, ]+) \| (.+) \|$/)
        #expect(rows.map { String($0.1) }.sorted() == ProblemCode.allCases.map(\.rawValue).sorted())
        for row in rows {
            guard let code = ProblemCode(rawValue: String(row.1)) else { continue }
            // Want of credits refuses a key with one status, and an expense with another.
            let spending = code == .insufficientCredits ? [InsufficientCredits.status] : []
            #expect(String(row.2) == (spending + [code.status]).map(String.init).joined(separator: ", "), "\(row.1)")
        }
    }
}
