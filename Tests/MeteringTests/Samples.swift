// SPDX-License-Identifier: Apache-2.0

import Notation

@testable import Metering

/// Rates and calls for tests.
enum Samples {
    static let start = Timestamp(seconds: 1_780_000_000)
    static let day: Int64 = 86_400

    static func json(_ text: String) throws -> JSON { try JSON(bytes: Array(text.utf8)) }

    /// Rates in the format `tollgate` without `provider` and `effective_at`, which are added where they are missing.
    static func rate(_ members: String, at instant: Timestamp = start) throws -> Rate {
        guard case .object(let given) = try json("{\(members)}") else { throw FieldError("", "is no object") }
        let filled: [String: JSON] = ["provider": "anthropic", "effective_at": .string(instant.description)]
        return try Rate(.object(filled.merging(given) { $1 }), at: "rates[0]")
    }

    static func book(_ rates: [Rate], knownAt: Timestamp = start) -> RateBook {
        RateBook(rates.enumerated().map { RateBook.Version(id: "rate_\($0)", rate: $1, knownAt: knownAt) })
    }

    static func price(
        _ usage: String, _ model: String = "m", by book: RateBook, at instant: Timestamp = start, isBatch: Bool = false
    ) throws -> PricedUsage {
        let record = UsageRecord(
            provider: "anthropic", dialect: .anthropic, model: model, usage: try json(usage), isBatch: isBatch)
        return try book.price(try record.read(), provider: "anthropic", at: instant)
    }

    static func dollars(_ text: String) -> Dollars { Dollars(text) ?? Dollars(count: .min) }
    static func factor(_ text: String) -> Factor? { DecimalNumber(text).flatMap(Factor.init) }
}
