// SPDX-License-Identifier: Apache-2.0

import Notation

extension Plan {
    /// Reads `{"markup":"1.33","bill":"credits","included":"20.00"?,"tiers":[{"above":"1000","markup":"1.2"}]?,
    /// "prices":["price_…"]?}`.
    package init(_ json: JSON) throws(FieldError) {
        let fields = try BookFields(json, at: "")
        try fields.refuseOthers(than: ["markup", "bill", "included", "tiers", "prices"])
        markup = try Self.markup(fields)
        guard let bill = fields.members["bill"]?.string.flatMap(Bill.init) else {
            throw fields.error("bill", "is none of \(Bill.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        self.bill = bill
        included = try fields.dollars("included") ?? .zero
        prices = try fields.names("prices")
        for (index, element) in try fields.elements("tiers").enumerated() {
            let tier = try BookFields(element, at: "tiers[\(index)]")
            try tier.refuseOthers(than: ["above", "markup"])
            guard let above = try tier.dollars("above"), above > tiers.last?.above ?? .zero else {
                throw tier.error("above", "is no amount above that of the tier before")
            }
            tiers.append(Tier(above: above, markup: try Self.markup(tier)))
        }
    }

    /// The same form, with every amount as a text.
    package var json: JSON {
        var members: [String: JSON] = [
            "markup": .string(markup.description), "bill": .string(bill.rawValue),
            "prices": .array(prices.map(JSON.string)),
        ]
        if included > .zero { members["included"] = .string(included.description) }
        if !tiers.isEmpty {
            members["tiers"] = .array(
                tiers.map {
                    ["above": .string($0.above.description), "markup": .string($0.markup.description)]
                })
        }
        return .object(members)
    }

    private static func markup(_ fields: BookFields) throws(FieldError) -> Factor {
        guard let markup = try fields.factor("markup") else { throw fields.error("markup", "is missing") }
        return markup
    }
}
