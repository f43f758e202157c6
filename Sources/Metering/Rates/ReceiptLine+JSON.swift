// SPDX-License-Identifier: Apache-2.0

import Notation

extension ReceiptLine {
    /// `{"pool","quantity","rate","cost","factors"?,"model","version"}`: all that adds up to the cost.
    package var json: JSON {
        var members: [String: JSON] = [
            "pool": .string(pool.name), "quantity": .integer(quantity), "rate": .string(rate.description),
            "cost": .string(cost.description), "model": .string(model), "version": .string(version),
        ]
        if !factors.isEmpty { members["factors"] = .object(factors.mapValues { .string($0.description) }) }
        return .object(members)
    }

    /// Reads what `json` has written; nil for anything else.
    package init?(_ json: JSON) {
        guard let pool = json["pool"]?.string.flatMap(Pool.init), let quantity = json["quantity"]?.integer,
            let rate = json["rate"]?.string.flatMap({ DecimalNumber($0) }),
            let cost = json["cost"]?.string.flatMap({ Dollars($0) }),
            let model = json["model"]?.string, let version = json["version"]?.string
        else { return nil }
        var factors: [String: Factor] = [:]
        for (name, text) in json["factors"]?.object ?? [:] {
            guard let factor = text.string.flatMap({ DecimalNumber($0) }).flatMap(Factor.init) else { return nil }
            factors[name] = factor
        }
        self.init(
            model: model, version: version, pool: pool, quantity: quantity, rate: rate, factors: factors, cost: cost)
    }
}
