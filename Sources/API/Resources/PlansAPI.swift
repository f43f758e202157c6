// SPDX-License-Identifier: Apache-2.0

import Notation

/// What customers are charged for what their calls cost.
package enum PlansAPI {
    package enum BillWord: String, CaseIterable, Sendable {
        case credits, meter, none
    }

    package struct Path: ObjectContent {
        package static let form = ObjectForm("PlanPath", Path())

        package let plan = Property(path: "plan", .planName)
    }

    package struct Tier: ObjectContent {
        package static let form = ObjectForm("PlanTier", Tier())

        package let above = Property("above", .decimal)
        package let markup = Property("markup", .factor)
    }

    package struct Request: ObjectContent {
        package static let form = ObjectForm("PlanRequest", Request())

        package let markup = Property("markup", .factor)
        package let bill = Property("bill", .oneOf(BillWord.allCases))
        package let included = Property(optional: "included", .decimal)
        package let tiers = Property(optional: "tiers", .list(.object(Tier.self), atMost: 100))
        package let prices = Property(
            optional: "prices", .list(.priceID, atMost: 200).with(["uniqueItems": true]))
    }

    package struct Plan: ObjectContent {
        package static let form = ObjectForm("Plan", Plan())

        package let plan = Property("plan", .string)
        package let version = Property("version", .id)
        package let markup = Property("markup", .string)
        package let bill = Property("bill", .oneOf(BillWord.allCases))
        package let included = Property("included", .string)
        package let tiers = Property("tiers", .list(of: Tier.self))
        package let prices = Property("prices", .list(.string))
        package let `operator` = Property("operator", .string)
        package let knownAt = Property("known_at", .time)
    }

    package struct List: ObjectContent {
        package static let form = ObjectForm("PlanList", List())

        package let data = Property("data", .list(of: Plan.self))
    }

    package static let list = Operation<Nothing, Nothing, List>(
        .get, "/admin/v1/plans", id: "listPlans", by: .admin, "The plans by which customers are charged",
        links: ["showPlan", "setPlan"].map {
            Endpoint.Link(operation: $0, parameter: "plan", pointer: "/data/0/plan")
        })

    package static let show = Operation<Path, Nothing, Plan>(
        .get, "/admin/v1/plans/{plan}", id: "showPlan", by: .admin, "A plan", problems: [.unknownPlan])

    package static let set = Operation<Path, Request, Plan>(
        .put, "/admin/v1/plans/{plan}", id: "setPlan", by: .admin,
        "Add a plan, or change it for what is priced from now on", problems: [.priceOfAnotherPlan])

    static let endpoints = [list.endpoint, show.endpoint, set.endpoint]
}
