// SPDX-License-Identifier: Apache-2.0

import Notation

/// What a list of prices of somebody else's gives: the rates that can be charged exactly, and why others were left out.
/// Such lists have errors, so the rates are a proposal.
package struct RateImport: Hashable, Sendable {
    package private(set) var rates: [Rate] = []
    /// By the model's place in the list.
    package private(set) var skipped: [FieldError] = []
    private var names: Set<RateName> = []

    init() {}

    /// - Parameter members: a rate in the format `tollgate`.
    mutating func add(_ members: [String: JSON], at path: String) {
        do {
            let rate = try Rate(.object(members), at: path)
            guard !rate.prices.isEmpty else { return skip(FieldError(path, "has no price of a token")) }
            let names = RateName.all(of: rate)
            guard self.names.isDisjoint(with: names) else {
                return skip(FieldError(path, "has a name that was read before", value: members["model"]))
            }
            self.names.formUnion(names)
            rates.append(rate)
        } catch {
            skip(error)
        }
    }

    mutating func skip(_ error: FieldError) { skipped.append(error) }
}
