// SPDX-License-Identifier: Apache-2.0

import Notation

extension Receipt {
    /// `{"cost","charge","credits","remainder","rate","plan","lines":[{"pool","quantity","rate","cost","factors"?}]}`.
    /// A line of another rate than the receipt's also has its `model` and `version`.
    package var json: JSON {
        [
            "cost": .string(cost.description),
            "charge": .string(charge.description),
            "credits": .integer(credits),
            "remainder": .string(remainder.description),
            "rate": rate.map(JSON.string) ?? .null,
            "plan": .string(plan),
            "lines": .array(lines.map(json(of:))),
        ]
    }

    private func json(of line: ReceiptLine) -> JSON {
        var members: [String: JSON] = [
            "pool": .string(line.pool.name),
            "quantity": .integer(line.quantity),
            "rate": .string(line.rate.description),
            "cost": .string(line.cost.description),
        ]
        if !line.factors.isEmpty { members["factors"] = .object(line.factors.mapValues { .string($0.description) }) }
        if line.version != rate {
            members["model"] = .string(line.model)
            members["version"] = .string(line.version)
        }
        return .object(members)
    }
}
