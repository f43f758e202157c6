// SPDX-License-Identifier: Apache-2.0

import API
import Gateway
import Store

/// The flags of many customers at once, for gateways that keep them: as the database knows them now.
struct AccessListRoutes: Sendable {
    let changes: ChangeReader
    let reads: GatewayReads

    func register(on routes: OperationRoutes) {
        routes.on(ChangesAPI.list) { call in
            let (answers, hasMore, moment) = try await reads {
                try await changes.page(after: call.parameters.startingAfter, atMost: call.parameters.limit)
            }
            return Object {
                $0.data = answers.map(ChangeDocument.answer)
                $0.cursor = FeedCursor(moment).text
                $0.hasMore = hasMore
            }
        }
    }

    func batch(_ shared: SpendingRoute.Shared, outages: Outages) -> LargeBodyRoute {
        LargeBodyRoute(ChangesAPI.batch, shared, outages: outages) { try await batch($0.customers) }
    }

    private func batch(_ customers: [String]) async throws -> Object<ChangesAPI.Batch> {
        let (answers, moment) = try await reads { try await changes.answers(of: customers) }
        return Object {
            $0.data = customers.map { customer in
                answers[customer].map { ChangeDocument.answer($0).json } ?? ChangeDocument.unknown(customer).json
            }
            $0.cursor = FeedCursor(moment).text
        }
    }
}
