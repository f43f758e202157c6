// SPDX-License-Identifier: Apache-2.0

/// What the saved ledgers say about purchases that may lapse: needed to take and give back the right credits.
package struct PurchaseLosses: Sendable, Hashable {
    /// What has lapsed, by customer and lot.
    package var lapsed: [String: [String: Int64]]
    /// What was taken from other lots or as debt, less what was given back, by customer and purchase.
    package var takenElsewhere: [String: [String: Int64]]
    /// The sum of the purchase's entries, by customer and purchase.
    package var posted: [String: [String: Int64]]
    /// What lots have paid of debts by what came back of holds, by customer and lot.
    package var repaid: [String: [String: Int64]]

    package init(
        lapsed: [String: [String: Int64]] = [:], takenElsewhere: [String: [String: Int64]] = [:],
        posted: [String: [String: Int64]] = [:],
        repaid: [String: [String: Int64]] = [:]
    ) {
        self.lapsed = lapsed
        self.takenElsewhere = takenElsewhere
        self.posted = posted
        self.repaid = repaid
    }

    mutating func merge(_ other: PurchaseLosses) {
        lapsed.merge(other.lapsed) { $1 }
        takenElsewhere.merge(other.takenElsewhere) { $1 }
        posted.merge(other.posted) { $1 }
        repaid.merge(other.repaid) { $1 }
    }
}
