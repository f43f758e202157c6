// SPDX-License-Identifier: Apache-2.0

import API
import Metering
import Notation
import Store

/// What a customer's calls have used, as gateways and operators see it.
enum CustomerUsageDocument {
    static func sums(
        _ groups: [UsageGroup], isTruncated: Bool, of customer: String, from: Timestamp, to: Timestamp,
        by word: CustomerUsageAPI.GroupWord
    ) -> Object<CustomerUsageAPI.Usage> {
        Object {
            $0.customer = customer
            $0.from = day(from)
            $0.to = day(to)
            $0.groupBy = word
            $0.data = groups.map(group)
            $0.truncated = isTruncated
        }
    }

    private static func group(_ group: UsageGroup) -> Object<CustomerUsageAPI.Group> {
        Object {
            switch group.name {
            case .day(let day): $0.day = day
            case .model(let model, let provider):
                $0.model = model
                $0.provider = provider
            case .key(let key): $0.key = .some(key)
            }
            $0.records = group.records
            $0.cost = group.cost.description
            $0.charge = group.charge.description
            $0.credits = group.credits
            $0.pools = UsageText.quantities(group.pools)
        }
    }

    static func record(_ record: UsageDetail) -> Object<CustomerUsageAPI.Record> {
        let line = record.line
        return Object {
            $0.id = line.id
            $0.customer = record.customer
            $0.key = line.key
            $0.at = line.at
            $0.recordedAt = record.recordedAt
            $0.provider = line.provider
            $0.dialect = record.dialect.rawValue
            $0.model = line.model
            $0.status = line.status.rawValue
            $0.batch = line.isBatch
            $0.hold = record.hold
            $0.usage = record.usage ?? .null
            $0.request = record.request
            $0.marks = record.marks
            $0.bill = line.bill.rawValue
            $0.creditValue = line.creditValue.description
            $0.carried = record.carried.description
            $0.words = UsageText.words(line)
            $0.corrects = line.corrects
            $0.receipt = UsageDocument.receipt(record.receipt, hold: record.hold)
        }
    }

    private static func day(_ time: Timestamp) -> String { String(time.description.prefix(10)) }
}
