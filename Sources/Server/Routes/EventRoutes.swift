// SPDX-License-Identifier: Apache-2.0

import API
import HTTP
import Store

/// `/admin/v1/events`: list, count, show, replay and dismiss.
struct EventRoutes: Sendable {
    let events: EventStore
    let queue: EventQueue

    func register(on routes: OperationRoutes) {
        routes.on(EventsAPI.list) { call in try await list(call.parameters) }
        routes.on(EventsAPI.count) { call in
            EventDocument.statistics(try await events.count(Self.filter(call.parameters)))
        }
        routes.on(EventsAPI.show) { call in
            guard let event = try await events.find(call.parameters.id) else { throw ProblemDetails.unknownEvent }
            return EventDocument.detail(event)
        }
        routes.on(EventsAPI.replay) { call in try await replay(call.parameters.id, operator: call.caller) }
        routes.on(EventsAPI.dismiss) { call in
            try await dismiss(call.parameters.id, reason: call.body.reason, operator: call.caller)
        }
    }

    private func dismiss(
        _ id: String,
        reason: String,
        operator name: String
    ) async throws -> Object<EventsAPI.Dismissal> {
        switch try await queue.dismiss(id, reason: reason, by: name) {
        case .dismissed(let dismissal):
            return EventDocument.dismissal(dismissal)
        case .unknown:
            throw ProblemDetails.unknownEvent
        case .notDismissible(let status):
            throw ProblemDetails(
                .notDismissible,
                "Only failed and quarantined events can be dismissed; this one is \(status.rawValue).")
        }
    }

    private func list(_ wanted: Object<EventsAPI.ListParameters>) async throws -> Object<EventsAPI.Page> {
        var filter = Self.filter(wanted)
        filter.status = wanted.status.map { EventState($0) }
        filter.startingAfter = wanted.startingAfter
        guard let (page, hasMore) = try await events.list(filter, limit: wanted.limit) else {
            throw ProblemDetails(.unknownEvent, "starting_after names no event that is stored.")
        }
        return EventDocument.page(page, hasMore: hasMore)
    }

    private static func filter<Content: EventFilterContent>(_ wanted: Object<Content>) -> EventFilter {
        var filter = EventFilter()
        filter.type = wanted.type
        filter.customer = wanted.customer
        filter.createdAfter = wanted.createdAfter
        filter.createdBefore = wanted.createdBefore
        filter.receivedAfter = wanted.receivedAfter
        filter.receivedBefore = wanted.receivedBefore
        filter.secret = wanted.secret
        filter.source = wanted.source?.rawValue
        filter.isMissed = wanted.missed
        return filter
    }

    private func replay(_ id: String, operator name: String) async throws -> Object<EventsAPI.Requeued> {
        switch try await queue.requeue(id, by: name) {
        case .queued:
            return EventDocument.requeued(id)
        case .unknown:
            throw ProblemDetails.unknownEvent
        case .pending:
            throw ProblemDetails(.eventPending, "The event is pending already.")
        case .pruned:
            throw ProblemDetails(
                .payloadPruned, "The event's payload is past its retention: nothing is left to replay.")
        }
    }
}
