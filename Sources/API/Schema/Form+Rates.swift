// SPDX-License-Identifier: Apache-2.0

import Notation

extension Form where Value == [JSON] {
    /// Rates in the format `tollgate`. Whoever keeps the book reads them: here only their number counts.
    static var rates: Form {
        let (limit, words) = (10_000, "a list of 1 to 10000 rates")
        let rate = Form<JSON>.rate.schema
        return Form(
            JSONSchema(
                ["type": "array", "items": rate.json, "minItems": 1, "maxItems": .integer(Int64(limit))],
                components: rate.components),
            words,
            reader: { json throws(FormFault) in
                guard let rates = json.array, 1...limit ~= rates.count else { throw FormFault("must be \(words)") }
                return rates
            }, writer: JSON.array)
    }
}

extension Form where Value == JSON {
    /// A rate in the format `tollgate`, of which the schema has the outline. Null is the same as absent.
    static var rate: Form {
        Form(
            JSONSchema(named: "Rate", JSONSchema(RateSchema.rate)), "a rate",
            reader: { json throws(FormFault) in json }, writer: { $0 })
    }
}

private enum RateSchema {
    private static let name: JSON = ["type": "string", "minLength": 1, "maxLength": 256, "pattern": "^[!-~]+$"]

    private static let price: JSON = [
        "anyOf": [
            [
                "type": "string", "maxLength": 40, "pattern": #"^-?(0|[1-9][0-9]*)(\.[0-9]+)?$"#,
                "examples": ["3.75"],
            ],
            ["type": "number"], ["type": "null"],
        ]
    ]

    private static let factors: JSON = [
        "type": ["object", "null"], "propertyNames": name, "additionalProperties": price,
    ]

    private static let pools = ["input", "output", "cache_write_5m", "cache_write_1h", "cache_read"]
    private static let prices = Dictionary(uniqueKeysWithValues: pools.map { ($0, price) })

    private static let tier: JSON = [
        "type": "object", "required": ["above"], "additionalProperties": false,
        "properties": .object(prices.merging(["above": ["type": "integer", "minimum": 1]]) { $1 }),
    ]

    static let rate: JSON = {
        let others: [String: JSON] = [
            "provider": name, "model": name,
            "aliases": ["type": ["array", "null"], "items": name, "maxItems": 10_000, "uniqueItems": true],
            "effective_at": ["type": "string", "format": "date-time"],
            "web_search": price, "batch": price, "geo": factors, "speed": factors,
            "tiers": ["type": ["array", "null"], "items": tier, "maxItems": 10_000],
        ]
        return [
            "type": "object", "required": ["provider", "model", "effective_at"], "additionalProperties": false,
            "properties": .object(prices.merging(others) { $1 }),
            "patternProperties": ["^unit:[A-Za-z0-9_.-]{1,64}$": price],
            "examples": [
                [
                    "provider": "anthropic", "model": "claude-fable-5-1", "effective_at": "2026-01-01T00:00:00Z",
                    "input": "10", "output": "50", "cache_read": "0.25", "unit:image": "0.04", "batch": "0.5",
                ]
            ],
        ]
    }()
}
