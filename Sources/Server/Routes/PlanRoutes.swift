// SPDX-License-Identifier: Apache-2.0

import API
import HTTP
import Metering
import Notation
import Store

/// `/admin/v1/plans`: what customers are charged for what their calls cost.
struct PlanRoutes: Sendable {
    let plans: PlanStore

    func register(on routes: OperationRoutes) {
        routes.on(PlansAPI.list) { _ in PlanDocument.list(try await plans.list()) }
        routes.on(PlansAPI.show) { call in
            guard let record = try await plans.find(call.parameters.plan) else { throw ProblemDetails.unknownPlan }
            return PlanDocument.plan(record)
        }
        routes.on(PlansAPI.set) { call in
            let plan = try Self.plan(call.body)
            switch try await plans.set(call.parameters.plan, plan, operator: call.caller) {
            case .set(let record): return PlanDocument.plan(record)
            case .priceTaken(let price, let name):
                throw ProblemDetails(
                    .priceOfAnotherPlan, "The plan \(name) names \(price): take it from there first.")
            }
        }
    }

    private static func plan(_ body: Object<PlansAPI.Request>) throws(ProblemDetails) -> Plan {
        do throws(FieldError) {
            return try Plan(body.json)
        } catch {
            throw ProblemDetails(.invalidField, RouteProblem.words(for: error))
        }
    }
}
