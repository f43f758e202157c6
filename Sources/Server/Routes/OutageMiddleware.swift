// SPDX-License-Identifier: Apache-2.0

import HTTP
import Hummingbird
import Store

/// That the database is unavailable is not the request's fault: 503, try again.
struct OutageMiddleware: RouterMiddleware {
    typealias Context = ListenerContext

    let outages: Outages

    func handle(
        _ request: Request,
        context: ListenerContext,
        next: (Request, ListenerContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch  where DatabaseOutage.explains(error) {
            outages.failed(.requests, error)
            throw ProblemDetails.serviceUnavailable(detail: DatabaseOutage.detail(of: error), retryAfter: 1)
        }
    }
}
