// SPDX-License-Identifier: Apache-2.0

import API
import HTTP
import Store

/// `/admin/v1/backfills`: ask Stripe for what did not come, see the progress, and stop it.
struct BackfillRoutes: Sendable {
    let backfills: BackfillStore
    /// Connected accounts, besides the key's own.
    let accounts: Set<String>
    /// Without one, nobody would do it.
    let hasKey: Bool

    func register(on routes: OperationRoutes) {
        routes.on(BackfillsAPI.list) { _ in
            let records = try await backfills.list()
            return Object { $0.data = records.map(BackfillDocument.backfill) }
        }
        routes.on(BackfillsAPI.start) { call in try await start(call.body, operator: call.caller) }
        routes.on(BackfillsAPI.show) { call in
            guard let record = try await backfills.find(call.parameters.id) else {
                throw ProblemDetails.unknownBackfill
            }
            return BackfillDocument.backfill(record)
        }
        routes.on(BackfillsAPI.cancel) { call in try await cancel(call.parameters.id) }
    }

    private func start(
        _ wanted: Object<BackfillsAPI.Request>, operator name: String
    ) async throws -> Object<BackfillsAPI.Backfill> {
        guard hasKey else { throw ProblemDetails.stripeKeyMissing }
        let result = try await backfills.start(
            since: wanted.since, until: wanted.until, isDryRun: wanted.dryRun == true,
            accounts: BackfillStore.accounts(besides: accounts), operator: name)
        switch result {
        case .started(let record): return BackfillDocument.backfill(record)
        case .running(let record):
            throw ProblemDetails(
                .backfillRunning, "The backfill \(record.id) is running: wait for its end, or cancel it.")
        case .empty: throw ProblemDetails(.emptySpan, "The span ends before it begins, or has not begun.")
        }
    }

    private func cancel(_ id: String) async throws -> Object<BackfillsAPI.Backfill> {
        switch try await backfills.cancel(id) {
        case .canceled(let record): return BackfillDocument.backfill(record)
        case .unknown: throw ProblemDetails.unknownBackfill
        case .over: throw ProblemDetails(.backfillOver, "The backfill has ended.")
        }
    }
}
