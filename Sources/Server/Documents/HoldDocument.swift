// SPDX-License-Identifier: Apache-2.0

import API
import Billing
import Metering
import Notation
import Store

/// Holds as gateways see them.
enum HoldDocument {
    /// The same as `hold(…).json.bytes`, which takes many times as long.
    static func bytes(_ hold: Hold, of customer: String, credits: Int64?, available: Int64) -> [UInt8] {
        let settlement = hold.settlement
        var bytes: [UInt8] = []
        bytes.append(addingCapacity: capacity + customer.utf8.count + hold.id.utf8.count) { output in
            output.append("{\"available\":")
            output.append(settlement?.available ?? available)
            output.append(",\"created_at\":\"")
            hold.createdAt.append(to: &output)
            if let credits = settlement?.credits ?? credits {
                output.append("\",\"credits\":")
                output.append(credits)
                output.append(",\"customer\":\"")
            } else {
                output.append("\",\"customer\":\"")
            }
            // Ids need no escapes: no route lets others through.
            output.append(customer.utf8.span)
            if let settlement {
                output.append("\",\"debited\":")
                output.append(settlement.debited)
                output.append(",\"expires_at\":\"")
            } else {
                output.append("\",\"expires_at\":\"")
            }
            hold.expiresAt.append(to: &output)
            output.append("\",\"granted\":")
            output.append(hold.granted)
            output.append(",\"hold\":\"")
            output.append(hold.id.utf8.span)
            if let settlement {
                output.append(
                    settlement.isLate ? "\",\"late\":true,\"overdraft\":" : "\",\"late\":false,\"overdraft\":")
                output.append(settlement.overdraft)
                output.append(",\"released\":")
                output.append(settlement.released)
                output.append(",\"status\":\"")
            } else {
                output.append("\",\"status\":\"")
            }
            output.append(hold.status.rawValue.utf8.span)
            output.append("\"}")
        }
        return bytes
    }

    /// The most that a document takes, without the ids: 150 bytes of names, 13 of words, six numbers of 20, two times.
    private static let capacity = 290 + 2 * Timestamp.longestDescription

    /// - Parameter credits: nil for a hold that was asked for: `available` is that of when it was made, then.
    static func hold(
        _ hold: Hold,
        of customer: String,
        credits: Int64?,
        available: Int64
    ) -> Object<HoldsAPI.Hold> {
        Object { $0.set(hold, customer, credits, available) }
    }

    /// - Parameter estimate: what its amount has come to now.
    static func hold(
        _ hold: Hold, of customer: String, available: Int64, _ estimate: Estimate
    ) -> Object<HoldsAPI.Hold> {
        var document = self.hold(hold, of: customer, credits: nil, available: available)
        document.estimate = EstimateDocument.estimate(estimate)
        return document
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
