// SPDX-License-Identifier: Apache-2.0

import API
import Store

/// Prices as the admin API shows them.
enum PriceDocument {
    static func list(_ records: [PriceRecord]) -> Object<PricesAPI.List> {
        Object { $0.data = records.map(price) }
    }

    static func price(_ record: PriceRecord) -> Object<PricesAPI.Price> {
        Object {
            $0.price = record.id
            $0.credits = record.credits
            $0.unitAmount = record.unitAmount
            $0.operator = record.operator
            $0.setAt = record.setAt
        }
    }
}
