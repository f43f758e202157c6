// SPDX-License-Identifier: Apache-2.0

import Notation

/// Events as operators see them.
package enum EventsAPI {
    package enum StatusWord: String, CaseIterable, Sendable {
        case pending, processed, ignored, failed, quarantined
    }

    /// `spool`: it was sent by webhook too, but waited on a disk.
    package enum SourceWord: String, CaseIterable, Sendable {
        case webhook, spool, backfill, thin, refetch
    }

    // MARK: What is asked

    package struct Path: ObjectContent {
        package static let form = ObjectForm("EventPath", Path())

        package let id = Property(path: "id", .eventID)
    }

    package struct ListParameters: EventFilterContent {
        package static let form = ObjectForm("EventListParameters", ListParameters())

        package let status = Property(query: "status", .oneOf(StatusWord.allCases))
        package let type = Property(query: "type", .eventType)
        package let customer = Property(query: "customer", .id)
        package let createdAfter = Property(query: "created_after", .moment)
        package let createdBefore = Property(query: "created_before", .moment)
        package let receivedAfter = Property(query: "received_after", .moment)
        package let receivedBefore = Property(query: "received_before", .moment)
        package let secret = Property(query: "secret", .secretLabel)
        package let source = Property(query: "source", .oneOf(SourceWord.allCases))
        package let missed = Property(query: "missed", .bool)
        package let limit = Property(query: "limit", .integer(PageLimit.range), default: PageLimit.standard)
        package let startingAfter = Property(query: "starting_after", .eventID.lastLine)
    }

    package struct StatisticsParameters: EventFilterContent {
        package static let form = ObjectForm("EventStatisticsParameters", StatisticsParameters())

        package let type = Property(query: "type", .eventType)
        package let customer = Property(query: "customer", .id)
        package let createdAfter = Property(query: "created_after", .moment)
        package let createdBefore = Property(query: "created_before", .moment)
        package let receivedAfter = Property(query: "received_after", .moment)
        package let receivedBefore = Property(query: "received_before", .moment)
        package let secret = Property(query: "secret", .secretLabel)
        package let source = Property(query: "source", .oneOf(SourceWord.allCases))
        package let missed = Property(query: "missed", .bool)
    }

    package struct DismissalRequest: ObjectContent {
        package static let form = ObjectForm("DismissalRequest", DismissalRequest())

        package let reason = Property("reason", .reason)
    }

    // MARK: What is answered

    package struct Event: EventContent {
        package static let form = ObjectForm("Event", Event())

        package let id = Property("id", .eventID)
        package let type = Property("type", .nullable(.string))
        package let status = Property("status", .word(of: StatusWord.self))
        package let created = Property("created", .nullable(.time))
        package let receivedAt = Property("received_at", .time)
        package let customer = Property("customer", .nullable(.string))
        package let livemode = Property("livemode", .nullable(.bool))
        package let account = Property("account", .nullable(.string))
        package let apiVersion = Property("api_version", .nullable(.string))
        package let secret = Property("secret", .nullable(.string))
        package let source = Property("source", .word(of: SourceWord.self))
        package let attempts = Property("attempts", .integer)
        package let detail = Property("detail", .nullable(.string))
        package let error = Property("error", .nullable(.string))
    }

    package struct Page: PageContent {
        package static let form = ObjectForm("EventPage", Page())

        package let data = Property("data", .list(of: Event.self))
        package let hasMore = Property("has_more", .bool)

        package static func cursor(of line: Object<Event>) -> String { line.id }
    }

    package struct Attempt: ObjectContent {
        package static let form = ObjectForm("Attempt", Attempt())

        package let number = Property("number", .integer)
        package let startedAt = Property("started_at", .time)
        package let finishedAt = Property("finished_at", .time)
        package let outcome = Property("outcome", .string)
        package let message = Property("message", .nullable(.string))
        package let `operator` = Property("operator", .nullable(.string))
    }

    /// An event with everything that is stored about it.
    package struct Detail: EventContent {
        package static let form = ObjectForm("EventDetail", Detail())

        package let id = Property("id", .eventID)
        package let type = Property("type", .nullable(.string))
        package let status = Property("status", .word(of: StatusWord.self))
        package let created = Property("created", .nullable(.time))
        package let receivedAt = Property("received_at", .time)
        package let customer = Property("customer", .nullable(.string))
        package let livemode = Property("livemode", .nullable(.bool))
        package let account = Property("account", .nullable(.string))
        package let apiVersion = Property("api_version", .nullable(.string))
        package let secret = Property("secret", .nullable(.string))
        package let source = Property("source", .word(of: SourceWord.self))
        package let attempts = Property("attempts", .integer)
        package let detail = Property("detail", .nullable(.string))
        package let error = Property("error", .nullable(.string))
        package let history = Property("history", .list(of: Attempt.self))
        package let changes = Property("changes", .list(of: CustomersAPI.Change.self))
        package let ledger = Property("ledger", .list(of: CustomersAPI.LedgerLine.self))
        /// Null if it is no longer stored, or is not JSON.
        package let payload = Property("payload", .any)
        /// For a payload that is not JSON.
        package let payloadBase64 = Property(maybe: "payload_base64", .string)
    }

    package struct Requeued: ObjectContent {
        package static let form = ObjectForm("RequeuedEvent", Requeued())

        package let id = Property("id", .eventID)
        package let status = Property("status", .word(of: StatusWord.self))
    }

    package struct Dismissal: ObjectContent {
        package static let form = ObjectForm("Dismissal", Dismissal())

        package let id = Property("id", .eventID)
        package let status = Property("status", .word(of: StatusWord.self))
        package let detail = Property("detail", .string)
        package let reason = Property("reason", .string)
        package let `operator` = Property("operator", .string)
        package let at = Property("at", .time)
    }

    package struct Group: ObjectContent {
        package static let form = ObjectForm("EventGroup", Group())

        package let type = Property("type", .nullable(.string))
        package let status = Property("status", .word(of: StatusWord.self))
        package let detail = Property("detail", .nullable(.string))
        package let count = Property("count", .integer)
        package let lastReceivedAt = Property("last_received_at", .time)
    }

    package struct SignedGroup: ObjectContent {
        package static let form = ObjectForm("SignedEventGroup", SignedGroup())

        package let secret = Property("secret", .nullable(.string))
        package let count = Property("count", .integer)
        package let lastReceivedAt = Property("last_received_at", .time)
    }

    package struct Statistics: ObjectContent {
        package static let form = ObjectForm("EventStatistics", Statistics())

        package let receivedAfter = Property("received_after", .time)
        package let receivedBefore = Property("received_before", .time)
        package let count = Property("count", .integer)
        package let truncated = Property("truncated", .bool)
        package let data = Property("data", .list(of: Group.self))
        package let secrets = Property("secrets", .list(of: SignedGroup.self))
    }

    // MARK: Operations

    package static let list = Operation<ListParameters, Nothing, Page>(
        .get, "/admin/v1/events", id: "listEvents", by: .admin, "List events, newest first", problems: [.unknownEvent],
        links: ["showEvent", "replayEvent", "dismissEvent"].map {
            Endpoint.Link(operation: $0, parameter: "id", pointer: "/data/0/id")
        })

    package static let count = Operation<StatisticsParameters, Nothing, Statistics>(
        .get, "/admin/v1/events/stats", id: "countEvents", by: .admin,
        "Count events by type, status and detail, and by secret")

    package static let show = Operation<Path, Nothing, Detail>(
        .get, "/admin/v1/events/{id}", id: "showEvent", by: .admin,
        "An event with its payload, its attempts and what it changed", problems: [.unknownEvent])

    package static let replay = Operation<Path, Nothing, Requeued>(
        .post, "/admin/v1/events/{id}/replay", id: "replayEvent", by: .admin, "Run an event again", status: 202,
        problems: [.unknownEvent, .eventPending, .payloadPruned])

    package static let dismiss = Operation<Path, DismissalRequest, Dismissal>(
        .post, "/admin/v1/events/{id}/dismiss", id: "dismissEvent", by: .admin,
        "End a failed or quarantined event as ignored", problems: [.unknownEvent, .notDismissible])

    static let endpoints = [list.endpoint, count.endpoint, show.endpoint, replay.endpoint, dismiss.endpoint]
}
