// SPDX-License-Identifier: Apache-2.0

import Notation

/// The plans in force.
package struct PlanBook: Sendable {
    package struct Version: Hashable, Sendable {
        package let id: String
        /// The plan's.
        package let name: String
        package let plan: Plan

        package init(id: String, name: String, plan: Plan) {
            self.id = id
            self.name = name
            self.plan = plan
        }
    }

    private let byName: [String: Version]
    private let byPrice: [String: Version]

    /// - Parameter versions: one of each plan; no two name the same price.
    package init(_ versions: [Version]) {
        byName = Dictionary(versions.map { ($0.name, $0) }) { first, _ in first }
        byPrice = Dictionary(versions.flatMap { version in version.plan.prices.map { ($0, version) } }) { first, _ in
            first
        }
    }

    /// In the order of their names.
    package var versions: [Version] { byName.values.sorted { $0.name < $1.name } }

    /// The plan of a customer: that which one of its subscriptions' prices names, of several the first by name, else the
    /// one of everybody.
    /// - Parameter standard: the name of that one (`TOLLGATE_PLAN`).
    /// - Returns: nil if there is no plan of that name.
    package func version(ofPrices prices: some Sequence<String>, standard: String) -> Version? {
        prices.compactMap { byPrice[$0] }.min { $0.name < $1.name } ?? byName[standard]
    }
}
