// SPDX-License-Identifier: Apache-2.0

import Notation

/// Replays of many events.
package enum ReplaysAPI {
    package enum StatusWord: String, CaseIterable, Sendable {
        case running, done, canceled
    }

    /// What an event must be to be replayed.
    package static let replayable = EventsAPI.StatusWord.allCases.filter { $0 != .pending }

    // MARK: What is asked

    package struct Path: ObjectContent {
        package static let form = ObjectForm("ReplayPath", Path())

        package let id = Property(path: "id", .id("rpl_1"))
    }

    package struct Request: EventSelectionContent {
        package static let form = ObjectForm("ReplayRequest", Request())

        package let status = Property("status", .oneOf(replayable))
        package let type = Property(optional: "type", .eventType)
        package let customer = Property(optional: "customer", .id)
        package let createdAfter = Property(optional: "created_after", .moment)
        package let createdBefore = Property(optional: "created_before", .moment)
        package let dryRun = Property(optional: "dry_run", .bool)
    }

    // MARK: What is answered

    package struct Filter: ObjectContent {
        package static let form = ObjectForm("ReplayFilter", Filter())

        package let status = Property("status", .nullable(.word(of: EventsAPI.StatusWord.self)))
        package let type = Property("type", .nullable(.string))
        package let customer = Property("customer", .nullable(.string))
        package let createdAfter = Property("created_after", .nullable(.time))
        package let createdBefore = Property("created_before", .nullable(.time))
    }

    /// How many of its events ended, and how.
    package struct Ended: ObjectContent {
        package static let form = ObjectForm("ReplayEnded", Ended())

        package let processed = Property(maybe: "processed", .integer)
        package let ignored = Property(maybe: "ignored", .integer)
        package let failed = Property(maybe: "failed", .integer)
        package let quarantined = Property(maybe: "quarantined", .integer)
    }

    package struct Replay: ObjectContent {
        package static let form = ObjectForm("Replay", Replay())

        package let id = Property("id", .id)
        package let status = Property("status", .oneOf(StatusWord.allCases))
        package let matched = Property("matched", .integer)
        package let skipped = Property("skipped", .integer)
        package let queued = Property("queued", .integer)
        package let ended = Property("ended", .object(Ended.self))
        package let pending = Property("pending", .integer)
        package let filter = Property("filter", .object(Filter.self))
        package let `operator` = Property("operator", .string)
        package let createdAt = Property("created_at", .time)
        package let finishedAt = Property("finished_at", .nullable(.time))
    }

    package struct List: ObjectContent {
        package static let form = ObjectForm("ReplayList", List())

        package let data = Property("data", .list(of: Replay.self))
    }

    /// What a replay would do.
    package struct Preview: ObjectContent {
        package static let form = ObjectForm("ReplayPreview", Preview())

        package let dryRun = Property("dry_run", .isTrue)
        package let count = Property("count", .integer)
        package let skipped = Property("skipped", .integer)
        package let sample = Property("sample", .list(of: EventsAPI.Event.self))
    }

    // MARK: Operations

    package static let list = Operation<Nothing, Nothing, List>(
        .get, "/admin/v1/replays", id: "listReplays", by: .admin, "The latest 20 replays",
        links: [Endpoint.Link(operation: "showReplay", parameter: "id", pointer: "/data/0/id")])

    package static let start = Operation<Nothing, Request, Replay>(
        .post, "/admin/v1/replays", id: "startReplay", by: .admin, "Run all events again that match", status: 202,
        others: [
            Endpoint.Answer(
                status: 200, mediaType: "application/json", schema: Preview.form.schema,
                description: "What a dry run found; nothing is done.")
        ],
        links: ["showReplay", "cancelReplay", "deleteReplay"].map {
            Endpoint.Link(operation: $0, parameter: "id", pointer: "/id")
        })

    package static let show = Operation<Path, Nothing, Replay>(
        .get, "/admin/v1/replays/{id}", id: "showReplay", by: .admin, "How far a replay is", problems: [.unknownReplay])

    package static let delete = Operation<Path, Nothing, Replay>(
        .delete, "/admin/v1/replays/{id}", id: "deleteReplay", by: .admin, "Queue no more of a replay's events",
        problems: [.unknownReplay, .replayOver])

    package static let cancel = Operation<Path, Nothing, Replay>(
        .post, "/admin/v1/replays/{id}/cancel", id: "cancelReplay", by: .admin, "Queue no more of a replay's events",
        problems: [.unknownReplay, .replayOver])

    static let endpoints = [list.endpoint, start.endpoint, show.endpoint, delete.endpoint, cancel.endpoint]
}
