// SPDX-License-Identifier: Apache-2.0

import HTTP
import HTTPTypes
import Hummingbird
import Store
import Stripe

/// `/admin/v1/replays`: run many events again, see how far that is, and stop it.
struct ReplayRoutes: Sendable {
    let replays: ReplayStore

    private static let sampleLimit = 10

    private struct ReplayRequest: BodyContent {
        static let fields: Set = ["status", "type", "customer", "created_after", "created_before", "dry_run"]

        let status: String
        let type: String?
        let customer: String?
        /// Times, as a number or as text.
        let createdAfter: String?
        let createdBefore: String?
        let dryRun: Bool?

        init(_ body: BodyObject) throws(ProblemDetails) {
            status = try body.string("status")
            type = try body.optionalString("type")
            customer = try body.optionalString("customer")
            createdAfter = try body.optionalStringOrInteger("created_after")
            createdBefore = try body.optionalStringOrInteger("created_before")
            dryRun = try body.optionalBool("dry_run")
        }
    }

    func register(on routes: AdminRoutes) {
        routes.get("/admin/v1/replays") { _, _ in
            Response.document(["data": .array(try await replays.list().map(ReplayDocument.replay))])
        }
        routes.post("/admin/v1/replays", body: .json) { request, context in
            try await start(request, operator: context.operatorLabel)
        }
        routes.get("/admin/v1/replays/{id}") { _, context in
            try Self.document(try await replays.find(try context.id("id")))
        }
        routes.delete("/admin/v1/replays/{id}") { _, context in try await cancel(try context.id("id")) }
        routes.post("/admin/v1/replays/{id}/cancel") { _, context in try await cancel(try context.id("id")) }
    }

    private func start(_ request: Request, operator name: String) async throws -> Response {
        let wanted = try await request.decodeBody(ReplayRequest.self)
        let filter = try Self.filter(wanted)
        guard wanted.dryRun == true else {
            return try Self.document(try await replays.start(filter, operator: name), status: .accepted)
        }
        let (count, skipped, sample) = try await replays.preview(filter, sample: Self.sampleLimit)
        return .document([
            "dry_run": true,
            "count": .integer(Int64(count)),
            "skipped": .integer(Int64(skipped)),
            "sample": .array(sample.map(EventDocument.line)),
        ])
    }

    private func cancel(_ id: String) async throws -> Response {
        switch try await replays.cancel(id) {
        case .canceled(let replay):
            return .document(ReplayDocument.replay(replay))
        case .unknown:
            throw ProblemDetails.unknownReplay
        case .over:
            throw ProblemDetails.conflict(
                code: "replay_over", detail: "The replay is done or canceled: it queues no further events.")
        }
    }

    private static func filter(_ wanted: ReplayRequest) throws(ProblemDetails) -> EventFilter {
        guard let status = EventState(rawValue: wanted.status), status != .pending else {
            throw .invalidField("status", "must be one of processed, ignored, failed, quarantined")
        }
        var filter = EventFilter(status: status)
        filter.type = try read(wanted.type, "type", EventCriteria.typeForm, EventCriteria.type)
        filter.customer = try read(wanted.customer, "customer", "an id") { ID.isValid($0) ? $0 : nil }
        filter.createdAfter = try read(
            wanted.createdAfter, "created_after", EventCriteria.timeForm, EventCriteria.time)
        filter.createdBefore = try read(
            wanted.createdBefore, "created_before", EventCriteria.timeForm, EventCriteria.time)
        return filter
    }

    private static func read<T>(
        _ text: String?,
        _ field: String,
        _ form: String,
        _ parse: (String) -> T?
    ) throws(ProblemDetails) -> T? {
        guard let text else { return nil }
        guard let value = parse(text) else { throw .invalidField(field, "must be \(form)") }
        return value
    }

    private static func document(
        _ replay: ReplayRecord?,
        status: HTTPResponse.Status = .ok
    ) throws(ProblemDetails) -> Response {
        guard let replay else { throw .unknownReplay }
        return .document(ReplayDocument.replay(replay), status: status)
    }
}
