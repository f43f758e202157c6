// SPDX-License-Identifier: Apache-2.0

/// What the saved ledgers say about purchases that may lapse: needed to take and give back the right credits.
package struct PurchaseLosses: Sendable, Hashable {
    /// What has lapsed, by customer and lot.
    package var lapsed: [String: [String: Int64]]
    /// What was taken from other lots or as debt, less what was given back, by customer and purchase.
    package var takenElsewhere: [String: [String: Int64]]
    /// What all entries together changed in a purchase's own lots, by customer and purchase: only of those of which
    /// something was taken elsewhere.
    package var movedInOwnLots: [String: [String: Int64]]

    package init(
        lapsed: [String: [String: Int64]] = [:], takenElsewhere: [String: [String: Int64]] = [:],
        movedInOwnLots: [String: [String: Int64]] = [:]
    ) {
        self.lapsed = lapsed
        self.takenElsewhere = takenElsewhere
        self.movedInOwnLots = movedInOwnLots
    }

    mutating func merge(_ other: PurchaseLosses) {
        lapsed.merge(other.lapsed) { $1 }
        takenElsewhere.merge(other.takenElsewhere) { $1 }
        movedInOwnLots.merge(other.movedInOwnLots) { $1 }
    }
}
