// SPDX-License-Identifier: Apache-2.0

import Notation

extension RateImport {
    private static let liteLLMPools: [(field: String, pool: Pool)] = [
        ("input_cost_per_token", .input), ("output_cost_per_token", .output),
        ("cache_creation_input_token_cost", .cacheWrite5m),
        ("cache_creation_input_token_cost_above_1hr", .cacheWrite1h),
        ("cache_read_input_token_cost", .cacheRead),
    ]
    /// Other modes are not priced by tokens alone.
    private static let liteLLMModes: Set<String> = ["chat", "completion", "responses"]

    /// Reads LiteLLM's `model_prices_and_context_window.json`: an object of models with prices of one token.
    /// - Parameter effectiveAt: from when they are to hold, as the file does not say.
    package init(liteLLM json: JSON, effectiveAt: Timestamp) throws(FieldError) {
        self.init()
        let models = try BookFields(json, at: "")
        for name in models.members.keys.sorted() {
            let path = "\"\(name.isPrintableASCII ? name : "…")\""
            guard let fields = try? BookFields(models.members[name] ?? .null, at: path),
                let provider = fields.members["litellm_provider"]?.string,
                Self.liteLLMModes.contains(fields.members["mode"]?.string ?? "")
            else { continue }
            do throws(FieldError) {
                var members = try Self.liteLLM(fields)
                members["provider"] = .string(provider)
                members["model"] = .string(
                    name.hasPrefix("\(provider)/") ? String(name.dropFirst(provider.count + 1)) : name)
                members["effective_at"] = .string(effectiveAt.description)
                add(members, at: path)
            } catch {
                skip(error)
            }
        }
    }

    private static func liteLLM(_ fields: BookFields) throws(FieldError) -> [String: JSON] {
        var members = try prices(fields, suffix: "")
        if let search = try fields.members["search_context_cost_per_query"].map({ json throws(FieldError) in
            try BookFields(json, at: fields.path(of: "search_context_cost_per_query"))
        }), let price = try search.decimal("search_context_size_medium") {
            members[Pool.webSearch.name] = .string(price.shifted(by: 3).description)
        }
        members["tiers"] = .array(try tiers(fields))
        if let batch = try batch(fields) { members["batch"] = .string(batch.description) }
        for (key, kind, name) in [("us", "geo", "us"), ("fast", "speed", "fast")] {
            guard let factor = fields.members["provider_specific_entry"]?[key] else { continue }
            members[kind] = .object([name: factor])
        }
        return members
    }

    private static func prices(_ fields: BookFields, suffix: String) throws(FieldError) -> [String: JSON] {
        var prices: [String: JSON] = [:]
        for (field, pool) in liteLLMPools {
            guard let price = try fields.decimal(field + suffix) else { continue }
            prices[pool.name] = .string(price.shifted(by: pool.priceDigits).description)
        }
        return prices
    }

    /// In order. Prices of `…_above_200k_tokens` are for the whole of such a request.
    private static func tiers(_ fields: BookFields) throws(FieldError) -> [JSON] {
        let thousands = Set(
            fields.members.keys.compactMap { key in
                key.firstMatch(of: /_above_([0-9]{1,6})k_tokens$/).flatMap { Int64($0.1) }
            })
        var tiers: [JSON] = []
        for count in thousands.sorted() {
            var tier = try prices(fields, suffix: "_above_\(count)k_tokens")
            guard !tier.isEmpty else { continue }
            tier["above"] = .integer(count * 1_000)
            tiers.append(.object(tier))
        }
        return tiers
    }

    /// The file has prices of batches, of which the factor is made, if it is one.
    private static func batch(_ fields: BookFields) throws(FieldError) -> DecimalNumber? {
        var factors: Set<DecimalNumber> = []
        for field in ["input_cost_per_token", "output_cost_per_token"] {
            guard let batch = try fields.decimal("\(field)_batches") else { return nil }
            guard let full = try fields.decimal(field),
                let factor = batch.divided(by: full, decimals: Factor.decimalLimit)
            else { throw fields.error("\(field)_batches", "is no factor of \(field)") }
            factors.insert(factor)
        }
        guard factors.count == 1 else { throw FieldError(fields.path, "has batch prices of several factors") }
        return factors.first
    }
}
