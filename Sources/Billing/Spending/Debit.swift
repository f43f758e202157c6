// SPDX-License-Identifier: Apache-2.0

import Notation

/// Credits spent in one step, without a hold before.
package struct Debit: Sendable, Hashable {
    /// What was asked for: the same id with other terms is a conflict.
    package struct Terms: Sendable, Hashable {
        /// 1 to 10^15 credits.
        package let amount: Int64
        /// Whether it is made whatever is available, and whatever the flag says.
        package let allowsNegative: Bool
        package let metadata: [String: String]

        package init(amount: Int64, allowsNegative: Bool = false, metadata: [String: String] = [:]) {
            self.amount = amount
            self.allowsNegative = allowsNegative
            self.metadata = metadata
        }
    }

    /// Chosen by the gateway; never used twice for one customer.
    package let id: String
    package let terms: Terms
    /// The balance just after it.
    package let credits: Int64
    package let available: Int64
    package let createdAt: Timestamp

    package init(id: String, terms: Terms, credits: Int64, available: Int64, createdAt: Timestamp) {
        self.id = id
        self.terms = terms
        self.credits = credits
        self.available = available
        self.createdAt = createdAt
    }
}
