// SPDX-License-Identifier: Apache-2.0

import API

/// Plans as an operator reads them.
enum PlanReport {
    static func list(_ plans: [Object<PlansAPI.Plan>], _ terminal: Terminal) -> [String] {
        var table = TextTable("PLAN", "BILL", "MARKUP", "INCLUDED", "PRICES", "SET BY", "SINCE", "VERSION")
        for plan in plans {
            let tiers = plan.tiers.map { ", \($0.markup) above \($0.above)" }.joined()
            table.add(
                plan.plan, plan.bill.rawValue, plan.markup + tiers, plan.included == "0" ? nil : plan.included,
                plan.prices.joined(separator: " "), plan.operator, Field.second(plan.knownAt), plan.version)
        }
        return table.isEmpty ? ["no plans"] : table.lines(terminal)
    }
}
