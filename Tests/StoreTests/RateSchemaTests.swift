// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

/// What the tables of rates and plans refuse, whatever the code does.
@Suite struct RateSchemaTests {
    private static let rateDraft = """
        INSERT INTO tollgate.rate_draft (content, operator) VALUES ('{"rates": [{}]}', 'x');
        """

    private static let rate = """
        INSERT INTO tollgate.rate (draft_id, provider, model, effective_at, known_at, content)
        SELECT id, 'p', 'm', now(), now(), '{"provider": "p", "model": "m", "effective_at": "now"}'
        FROM tollgate.rate_draft LIMIT 1;
        """

    private static let approval =
        "UPDATE tollgate.rate_draft SET approved_by = 'x', approved_at = now() + interval '1 s';"

    private static func plan(_ name: String, _ content: String) -> String {
        """
        INSERT INTO tollgate.plan (name, content, operator, known_at) VALUES ('\(name)', '\(content)', 'x', now());
        """
    }

    private static let pro = plan("pro", #"{"markup": "1", "bill": "none", "prices": []}"#)

    static let refused = [
        SchemaTests.Refused(name: "a changed rate", sql: rate + "UPDATE tollgate.rate SET content = content"),
        SchemaTests.Refused(name: "a rate that is removed", sql: rate + "DELETE FROM tollgate.rate"),
        SchemaTests.Refused(name: "no rates any more", sql: rate + "TRUNCATE tollgate.rate CASCADE"),
        SchemaTests.Refused(
            name: "a rate that is not what its columns say",
            sql: """
                INSERT INTO tollgate.rate (draft_id, provider, model, effective_at, known_at, content)
                SELECT id, 'p', 'm', now(), now(), '{"provider": "p", "model": "n", "effective_at": "now"}'
                FROM tollgate.rate_draft LIMIT 1
                """),
        SchemaTests.Refused(
            name: "a rate without its model's name",
            sql: rate.replacing(#", "model": "m""#, with: "")),
        SchemaTests.Refused(
            name: "a draft without rates",
            sql: #"INSERT INTO tollgate.rate_draft (content, operator) VALUES ('{"rates": []}', 'x')"#),
        SchemaTests.Refused(name: "a draft that is approved twice", sql: rateDraft + approval + approval),
        SchemaTests.Refused(
            name: "a draft that is changed",
            sql: rateDraft + #"UPDATE tollgate.rate_draft SET content = '{"rates": [{"model": "m"}]}'"#),
        SchemaTests.Refused(name: "a draft that is removed", sql: rateDraft + "DELETE FROM tollgate.rate_draft"),
        SchemaTests.Refused(name: "a changed plan", sql: pro + "UPDATE tollgate.plan SET operator = 'y'"),
        SchemaTests.Refused(name: "a plan that is removed", sql: pro + "DELETE FROM tollgate.plan WHERE name = 'pro'"),
        SchemaTests.Refused(name: "no plans any more", sql: "TRUNCATE tollgate.plan CASCADE"),
        SchemaTests.Refused(name: "two versions of a plan at once", sql: pro + pro),
        SchemaTests.Refused(
            name: "a plan with a name of several words", sql: pro.replacing("'pro'", with: "'pro plan'")),
        SchemaTests.Refused(
            name: "a plan that is billed in gold", sql: plan("pro", #"{"markup": "1", "bill": "gold", "prices": []}"#)),
        SchemaTests.Refused(
            name: "a plan that is billed in nothing that is said",
            sql: plan("pro", #"{"markup": "1", "prices": []}"#)),
        SchemaTests.Refused(name: "a plan without a markup", sql: plan("pro", #"{"bill": "none", "prices": []}"#)),
        SchemaTests.Refused(
            name: "a plan without a list of prices", sql: plan("pro", #"{"markup": "1", "bill": "none"}"#)),
        SchemaTests.Refused(
            name: "prices of a subscription as of no second",
            sql: SchemaTests.customer + """
                INSERT INTO tollgate.subscription (customer_id, id, paid, prices)
                VALUES ('cus_1', 'sub_1', false, 'price_1 price_2')
                """),
    ]

    @Test(arguments: refused) func `the database refuses`(_ row: SchemaTests.Refused) async throws {
        try await SchemaTests().refuse(row)
    }
}
