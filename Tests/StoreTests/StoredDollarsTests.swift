// SPDX-License-Identifier: Apache-2.0

import Metering
import Postgres
import TestSupport
import Testing

@testable import Store

/// Amounts of money in PostgreSQL: none of their digits is lost, in either direction.
@Suite struct StoredDollarsTests {
    private static let edges: [Int128] = [
        0, 1, 9_999, 10_000, 10_001, 99_990_000, 1_000_000_000_000_000_000_000_000, 1_000_000_000_000_000_000_000_001,
        10_000_000_000_000_000_000_000_000_000, 123_000_000_000_000_000_000_000_000_000, .max, .max - 1,
    ]

    private static let counts: [Int128] = {
        var random = SeededRandom(1)
        let random128 = (0..<500).map { _ in
            // Of every length, and with zeros at their ends too.
            let value = Int128.random(in: .min ... .max, using: &random) >> Int128(random.within(0...126))
            return random.one(in: 2) ? value : value / 10_000_000 * 10_000_000
        }
        return edges + edges.map { -$0 } + [.min] + random128
    }()

    private static func read<T: Sendable>(_ body: @Sendable @escaping (Connection) throws -> T) async throws -> T {
        try await TestDatabase.withEmpty { try await TestDatabase.transaction(on: $0.source, body) }
    }

    @Test func `what is written is what is read, and what PostgreSQL has`() async throws {
        let amounts = Self.counts.map(Dollars.init(count:))
        let rows = try await Self.read { connection in
            try connection.execute(
                """
                SELECT n.amount, n.amount::text AS text, n.amount = n.amount::text::numeric AS is_whole
                FROM unnest(\(amounts)) WITH ORDINALITY AS n (amount, place) ORDER BY place
                """
            ).map { row -> (Dollars, String, Bool) in (try row["amount"], try row["text"], try row["is_whole"]) }
        }
        #expect(rows.count == amounts.count)
        for (amount, row) in zip(amounts, rows) {
            #expect(row.0 == amount, "\(amount)")
            #expect(row.1 == amount.description)
            #expect(row.2, "\(amount)")
        }
    }

    @Test(arguments: [
        ("0.05435", "0.05435"), ("0.054350000000", "0.05435"), ("1e3", "1000"), ("-0.000100", "-0.0001"),
        ("12345678.00000001", "12345678.00000001"), ("0.000000000000000000000000", "0"),
        ("170141183460469.231731687303715884105727", "170141183460469.231731687303715884105727"),
    ])
    func `what PostgreSQL computes is read to its last digit`(_ written: String, _ expected: String) async throws {
        let read: Dollars = try await Self.read {
            try $0.execute("SELECT \(written)::numeric AS amount").only["amount"]
        }
        #expect(read.description == expected)
    }

    @Test(arguments: [
        "NaN", "Infinity", "-Infinity", "0.0000000000000000000000001", "170141183460469.231731687303715884105728",
        "-170141183460469.231731687303715884105729", "1e40",
    ])
    func `what is no amount is refused, and not rounded`(_ text: String) async throws {
        let error = await #expect(throws: PostgresError.self) {
            try await Self.read { connection -> Dollars in
                try connection.execute("SELECT \(text)::numeric AS amount").only["amount"]
            }
        }
        #expect(error?.sqlState == "42804")
    }

    @Test func `an amount may be missing`() async throws {
        let (none, some): (Dollars?, Dollars?) = try await Self.read { connection in
            let row = try connection.execute("SELECT \(nil as Dollars?) AS none, 2.5 AS some").only
            return (try row["none"], try row["some"])
        }
        #expect(none == nil && some == Dollars("2.5"))
    }
}
