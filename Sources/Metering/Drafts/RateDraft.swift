// SPDX-License-Identifier: Apache-2.0

import Notation

/// Rates that were proposed: nothing is charged by them until an operator has approved them.
package struct RateDraft: Hashable, Sendable {
    package let rates: [Rate]

    /// - Throws: if a name means two models at one instant.
    package init(_ rates: [Rate]) throws(FieldError) {
        var names: Set<RateName> = []
        for (index, rate) in rates.enumerated() {
            for name in RateName.all(of: rate) where !names.insert(name).inserted {
                throw FieldError(
                    "rates[\(index)]", "names a model that another rate of that provider and instant names",
                    value: .string(name.name), advice: "keep one of both, or give it another effective_at")
            }
        }
        self.rates = rates
    }

    /// Reads a file in the format `tollgate`: `{"rates":[…]}`.
    package init(tollgate json: JSON) throws(FieldError) {
        let fields = try BookFields(json, at: "")
        try fields.refuseOthers(than: ["rates"])
        var rates: [Rate] = []
        for (index, element) in try fields.elements("rates").enumerated() {
            rates.append(try Rate(element, at: "rates[\(index)]"))
        }
        guard !rates.isEmpty else { throw FieldError("rates", "has no rate") }
        try self.init(rates)
    }

    /// In the format `tollgate`.
    package var json: JSON { ["rates": .array(rates.map(\.json))] }
}
