// SPDX-License-Identifier: Apache-2.0

import API
import Metering
import Store

/// Plans as the admin API shows them.
enum PlanDocument {
    static func list(_ records: [PlanRecord]) -> Object<PlansAPI.List> {
        Object { $0.data = records.map(plan) }
    }

    static func plan(_ record: PlanRecord) -> Object<PlansAPI.Plan> {
        let plan = record.version.plan
        return Object {
            $0.plan = record.version.name
            $0.version = record.version.id
            $0.markup = plan.markup.description
            $0.bill = bill(plan.bill)
            $0.included = plan.included.description
            $0.tiers = plan.tiers.map { tier in
                Object {
                    $0.above = tier.above.description
                    $0.markup = tier.markup.description
                }
            }
            $0.prices = plan.prices
            $0.operator = record.operator
            $0.knownAt = record.knownAt
        }
    }

    private static func bill(_ bill: Metering.Plan.Bill) -> PlansAPI.BillWord {
        switch bill {
        case .credits: .credits
        case .meter: .meter
        case .none: .none
        }
    }
}
