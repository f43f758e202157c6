// SPDX-License-Identifier: Apache-2.0

import API
import Billing
import Store

/// Holds as gateways see them.
enum HoldDocument {
    /// - Parameter credits: nil for a hold that was asked for: `available` is that of when it was made, then.
    static func hold(
        _ hold: Hold,
        of customer: String,
        credits: Int64?,
        available: Int64
    ) -> Object<HoldsAPI.Hold> {
        Object { $0.set(hold, customer, credits, available) }
    }

    static func detail(_ record: HoldRecord) -> Object<HoldsAPI.Detail> {
        let terms = record.hold.terms
        return Object {
            $0.set(record.hold, record.customer, record.credits, record.available)
            $0.endedAt = record.hold.endedAt
            $0.amount = terms.amount
            $0.minimum = terms.minimum
            $0.onExpiry = terms.onExpiry.rawValue
            $0.metadata = terms.metadata
        }
    }

    static func page(_ records: [HoldRecord], hasMore: Bool) -> Object<HoldsAPI.Page> {
        Object {
            $0.data = records.map { hold($0.hold, of: $0.customer, credits: $0.credits, available: $0.available) }
            $0.hasMore = hasMore
        }
    }
}

extension Object where Content: HoldContent {
    fileprivate mutating func set(_ hold: Hold, _ customer: String, _ credits: Int64?, _ available: Int64) {
        self.hold = hold.id
        self.customer = customer
        self.status = hold.status.rawValue
        self.granted = hold.granted
        self.createdAt = hold.createdAt
        self.expiresAt = hold.expiresAt
        self.credits = credits
        self.available = available
        guard let settlement = hold.settlement else { return }
        self.credits = settlement.credits
        self.available = settlement.available
        self.debited = settlement.debited
        self.released = settlement.released
        self.overdraft = settlement.overdraft
        self.late = settlement.isLate
    }
}
