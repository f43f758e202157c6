// SPDX-License-Identifier: Apache-2.0

import Notation

/// All events that Stripe has of a span of time, asked for.
package enum BackfillsAPI {
    package enum StatusWord: String, CaseIterable, Sendable {
        case running, done, failed, canceled
    }

    // MARK: What is asked

    package struct Path: ObjectContent {
        package static let form = ObjectForm("BackfillPath", Path())

        package let id = Property(path: "id", .id("bkf_1"))
    }

    package struct Request: ObjectContent {
        package static let form = ObjectForm("BackfillRequest", Request())

        package let since = Property("since", .moment)
        package let until = Property(optional: "until", .moment)
        package let dryRun = Property(optional: "dry_run", .bool)
    }

    // MARK: What is answered

    package struct TypeCount: ObjectContent {
        package static let form = ObjectForm("BackfillType", TypeCount())

        package let type = Property("type", .string)
        package let listed = Property("listed", .integer)
        package let missing = Property("missing", .integer)
    }

    package struct Backfill: ObjectContent {
        package static let form = ObjectForm("Backfill", Backfill())

        package let id = Property("id", .id)
        package let status = Property("status", .oneOf(StatusWord.allCases))
        package let since = Property("since", .time)
        package let until = Property("until", .time)
        package let dryRun = Property("dry_run", .bool)
        package let listed = Property("listed", .integer)
        package let stored = Property("stored", .integer)
        package let known = Property("known", .integer)
        package let types = Property("types", .list(of: TypeCount.self))
        package let error = Property("error", .nullable(.string))
        package let `operator` = Property("operator", .string)
        package let createdAt = Property("created_at", .time)
        package let finishedAt = Property("finished_at", .nullable(.time))
    }

    package struct List: ObjectContent {
        package static let form = ObjectForm("BackfillList", List())

        package let data = Property("data", .list(of: Backfill.self))
    }

    // MARK: Operations

    package static let list = Operation<Nothing, Nothing, List>(
        .get, "/admin/v1/backfills", id: "listBackfills", by: .admin, "The latest 20 backfills",
        links: [Endpoint.Link(operation: "showBackfill", parameter: "id", pointer: "/data/0/id")])

    package static let start = Operation<Nothing, Request, Backfill>(
        .post, "/admin/v1/backfills", id: "startBackfill", by: .admin,
        "Ask Stripe for all events of a span of time", status: 202,
        problems: [.stripeKeyMissing, .backfillRunning, .emptySpan],
        links: ["showBackfill", "cancelBackfill"].map {
            Endpoint.Link(operation: $0, parameter: "id", pointer: "/id")
        })

    package static let show = Operation<Path, Nothing, Backfill>(
        .get, "/admin/v1/backfills/{id}", id: "showBackfill", by: .admin, "How far a backfill is",
        problems: [.unknownBackfill])

    package static let cancel = Operation<Path, Nothing, Backfill>(
        .delete, "/admin/v1/backfills/{id}", id: "cancelBackfill", by: .admin, "End a backfill; what came stays",
        problems: [.unknownBackfill, .backfillOver])

    static let endpoints = [list.endpoint, start.endpoint, show.endpoint, cancel.endpoint]
}
