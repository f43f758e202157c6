// SPDX-License-Identifier: Apache-2.0

import API
import Billing
import Store

/// What a customer has to spend, as gateways and operators see it.
enum BalanceDocument {
    static func balance(_ record: BalanceRecord) -> Object<BalanceAPI.Balance> {
        Object {
            $0.customer = record.customer
            $0.credits = record.credits
            $0.held = record.held
            $0.available = record.available
            $0.lots = record.lots.map(lot)
        }
    }

    static func lot(_ lot: Lot) -> Object<BalanceAPI.Lot> {
        Object {
            $0.id = lot.id
            $0.kind = lot.kind.rawValue
            $0.remaining = lot.remaining
            $0.held = lot.held
            $0.expiresAt = lot.expiresAt
        }
    }
}
