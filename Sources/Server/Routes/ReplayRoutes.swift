// SPDX-License-Identifier: Apache-2.0

import API
import HTTP
import Store

/// `/admin/v1/replays`: run many events again, see the progress, and stop it.
struct ReplayRoutes: Sendable {
    let replays: ReplayStore

    private static let sampleLimit = 10

    func register(on routes: OperationRoutes) {
        routes.on(ReplaysAPI.list) { _ in ReplayDocument.list(try await replays.list()) }
        routes.on(ReplaysAPI.start, or: ReplaysAPI.Preview.self) { call in
            try await start(call.body, operator: call.caller)
        }
        routes.on(ReplaysAPI.show) { call in try Self.document(try await replays.find(call.parameters.id)) }
        routes.on(ReplaysAPI.delete) { call in try await cancel(call.parameters.id) }
        routes.on(ReplaysAPI.cancel) { call in try await cancel(call.parameters.id) }
    }

    private func start(
        _ wanted: Object<ReplaysAPI.Request>,
        operator name: String
    ) async throws -> OperationRoutes.Reply<ReplaysAPI.Replay, ReplaysAPI.Preview> {
        var filter = EventFilter(status: EventState(wanted.status))
        filter.type = wanted.type
        filter.customer = wanted.customer
        filter.createdAfter = wanted.createdAfter
        filter.createdBefore = wanted.createdBefore
        guard wanted.dryRun == true else {
            return .usual(try Self.document(try await replays.start(filter, operator: name)))
        }
        let (count, skipped, sample) = try await replays.preview(filter, sample: Self.sampleLimit)
        return .other(ReplayDocument.preview(count: count, skipped: skipped, sample: sample))
    }

    private func cancel(_ id: String) async throws -> Object<ReplaysAPI.Replay> {
        switch try await replays.cancel(id) {
        case .canceled(let replay):
            return ReplayDocument.replay(replay)
        case .unknown:
            throw ProblemDetails.unknownReplay
        case .over:
            throw ProblemDetails(.replayOver, "The replay is done or canceled: it queues no further events.")
        }
    }

    private static func document(_ replay: ReplayRecord?) throws(ProblemDetails) -> Object<ReplaysAPI.Replay> {
        guard let replay else { throw .unknownReplay }
        return ReplayDocument.replay(replay)
    }
}
