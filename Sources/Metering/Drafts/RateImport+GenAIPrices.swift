// SPDX-License-Identifier: Apache-2.0

import Notation

extension RateImport {
    private static let genAIPools: [String: Pool] = [
        "input_mtok": .input, "output_mtok": .output, "cache_write_mtok": .cacheWrite5m,
        "cache_write_1h_mtok": .cacheWrite1h, "cache_read_mtok": .cacheRead, "web_searches_kcount": .webSearch,
    ]

    /// Reads the `data.json` of pydantic's genai-prices: a list of providers, with prices of a million tokens.
    /// - Parameter effectiveAt: from when they are to hold. What was to come after that holds from its own date.
    package init(genAIPrices json: JSON, effectiveAt: Timestamp) throws(FieldError) {
        self.init()
        guard let providers = json.array else { throw FieldError("", "is no list of providers") }
        for (index, provider) in providers.enumerated() {
            for (place, model) in (provider["models"]?.array ?? []).enumerated() {
                let path = "[\(index)].models[\(place)]"
                do throws(FieldError) {
                    let fields = try BookFields(model, at: path)
                    for (instant, prices) in try Self.dated(fields, from: effectiveAt) {
                        var members = try Self.members(prices, at: fields.path(of: "prices"))
                        members["provider"] = provider["id"]
                        members["model"] = fields.members["id"]
                        members["aliases"] = .array(Self.aliases(fields))
                        members["effective_at"] = .string(instant.description)
                        add(members, at: path)
                    }
                } catch {
                    skip(error)
                }
            }
        }
    }

    /// What holds at `start`, then what comes later. Of several that hold, the last one does.
    private static func dated(
        _ model: BookFields, from start: Timestamp
    ) throws(FieldError) -> [(from: Timestamp, prices: JSON)] {
        guard let prices = model.members["prices"] else { throw model.error("prices", "is missing") }
        guard let entries = prices.array else { return [(start, prices)] }
        var dated: [Timestamp: JSON] = [:]
        for entry in entries {
            var from = start
            if let constraint = entry["constraint"] {
                guard constraint.object?.count == 1, let date = constraint["start_date"]?.string,
                    let instant = Timestamp(rfc3339: "\(date)T00:00:00Z")
                else { throw model.error("prices", "has a condition other than a date") }
                from = max(start, instant)
            }
            dated[from] = entry["prices"]
        }
        return dated.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// The only names that it matches whole; a rate has no patterns.
    private static func aliases(_ model: BookFields) -> [JSON] {
        let matches = [model.members["match"]].compactMap(\.self).flatMap { [$0] + ($0["or"]?.array ?? []) }
        let names = Set(matches.compactMap { $0["equals"]?.string }).subtracting([model.members["id"]?.string ?? ""])
        return names.sorted().map(JSON.string)
    }

    private static func members(_ prices: JSON, at path: String) throws(FieldError) -> [String: JSON] {
        let fields = try BookFields(prices, at: path)
        var members: [String: JSON] = [:]
        var tiers: [Int64: [String: JSON]] = [:]
        for key in fields.members.keys.sorted() {
            guard let pool = genAIPools[key] else {
                // What is not text has no pool, so nothing is ever charged by its price.
                if ["audio", "image", "video"].contains(where: key.contains) { continue }
                throw fields.error(key, "is a price that no pool has")
            }
            members[pool.name] = fields.members[key]?["base"] ?? fields.members[key]
            for tier in fields.members[key]?["tiers"]?.array ?? [] {
                guard let start = tier["start"]?.integer else { throw fields.error(key, "has a tier without a start") }
                tiers[start, default: [:]][pool.name] = tier["price"]
            }
        }
        members["tiers"] = .array(
            tiers.sorted { $0.key < $1.key }.map { .object($0.value.merging(["above": .integer($0.key)]) { $1 }) })
        return members
    }
}
