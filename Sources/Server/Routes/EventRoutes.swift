// SPDX-License-Identifier: Apache-2.0

import HTTP
import Hummingbird
import Store
import Stripe

/// `/admin/v1/events`: list, count, show, replay and dismiss.
struct EventRoutes: Sendable {
    let events: EventStore
    let queue: EventQueue

    private struct DismissalRequest: BodyContent {
        static let fields: Set = ["reason"]

        let reason: String

        init(_ body: BodyObject) throws(ProblemDetails) {
            reason = try body.string("reason")
        }
    }

    /// What both lists and counts are narrowed by.
    private static let filters = [
        "type", "customer", "created_after", "created_before", "received_after", "received_before", "secret",
    ]

    func register(on routes: AdminRoutes) {
        routes.get(
            "/admin/v1/events",
            parameters: ["status"] + Self.filters + ["limit", "starting_after"]
        ) { request, _ in try await list(Query(request)) }
        routes.get("/admin/v1/events/stats", parameters: Self.filters) { request, _ in
            let filter = try Self.filter(Query(request))
            return .document(EventDocument.statistics(try await events.count(filter)))
        }
        routes.get("/admin/v1/events/{id}") { _, context in
            guard let event = try await events.find(try context.eventID("id")) else {
                throw ProblemDetails.unknownEvent
            }
            return Response.document(EventDocument.statement(event))
        }
        routes.post("/admin/v1/events/{id}/replay") { _, context in
            try await replay(try context.eventID("id"), operator: context.operatorLabel)
        }
        routes.post("/admin/v1/events/{id}/dismiss", body: .json) { request, context in
            try await dismiss(request, context)
        }
    }

    private func dismiss(_ request: Request, _ context: AdminContext) async throws -> Response {
        let id = try context.eventID("id")
        let wanted = try await request.decodeBody(DismissalRequest.self)
        let reason = try ReasonText.check(wanted.reason)
        switch try await queue.dismiss(id, reason: reason, by: context.operatorLabel) {
        case .dismissed(let dismissal):
            return .document(EventDocument.dismissal(dismissal))
        case .unknown:
            throw ProblemDetails.unknownEvent
        case .notDismissible(let status):
            throw ProblemDetails.conflict(
                code: "not_dismissible",
                detail: "Only failed and quarantined events can be dismissed; this one is \(status.rawValue).")
        }
    }

    private func list(_ query: Query) async throws -> Response {
        var filter = try Self.filter(query)
        filter.status = try query.value("status", "one of pending, processed, ignored, failed, quarantined") {
            EventState(rawValue: $0)
        }
        filter.startingAfter = try query.value("starting_after", EventCriteria.idForm, EventCriteria.id)
        let limit = try query.limit
        guard let (page, hasMore) = try await events.list(filter, limit: limit) else {
            throw ProblemDetails.badRequest(
                code: "invalid_parameter", detail: "starting_after names no event that is stored."
            )
        }
        return .document(["data": .array(page.map(EventDocument.line)), "has_more": .bool(hasMore)])
    }

    private static func filter(_ query: Query) throws(ProblemDetails) -> EventFilter {
        var filter = EventFilter()
        filter.type = try query.value("type", EventCriteria.typeForm, EventCriteria.type)
        filter.customer = try query.value("customer", "an id") { ID.isValid($0) ? $0 : nil }
        filter.createdAfter = try query.value("created_after", EventCriteria.timeForm, EventCriteria.time)
        filter.createdBefore = try query.value("created_before", EventCriteria.timeForm, EventCriteria.time)
        filter.receivedAfter = try query.value("received_after", EventCriteria.timeForm, EventCriteria.time)
        filter.receivedBefore = try query.value("received_before", EventCriteria.timeForm, EventCriteria.time)
        filter.secret = try query.value("secret", EventCriteria.secretForm, EventCriteria.secret)
        return filter
    }

    private func replay(_ id: String, operator name: String) async throws -> Response {
        switch try await queue.requeue(id, by: name) {
        case .queued:
            return .document(["id": .string(id), "status": "pending"], status: .accepted)
        case .unknown:
            throw ProblemDetails.unknownEvent
        case .pending:
            throw ProblemDetails.conflict(code: "event_pending", detail: "The event is pending already.")
        case .pruned:
            throw ProblemDetails.gone(
                code: "payload_pruned", detail: "The event's payload is past its retention: nothing is left to replay."
            )
        }
    }
}
