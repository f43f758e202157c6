// SPDX-License-Identifier: Apache-2.0

import CoreMetrics
import Hummingbird
import Metrics
import Synchronization
import Telemetry

/// Measures every request by listener, method, route and status. Each of these labels is bounded, whatever clients
/// send: the route is the template (`/v1/customers/{customer}/access`), not the path.
final class RequestDurations: RouterMiddleware {
    typealias Context = ListenerContext

    private static let methods: Set<String> = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]

    private struct Series: Hashable {
        let method: String
        let route: String
        let status: Int
    }

    private let listener: String
    private let factory: any MetricsFactory
    /// The factory looks a timer up by its rendered labels, which is too slow for every request.
    private let timers = Mutex<[Series: Metrics.Timer]>([:])

    init(listener: String, factory: any MetricsFactory) {
        self.listener = listener
        self.factory = factory
    }

    func handle(
        _ request: Request,
        context: ListenerContext,
        next: (Request, ListenerContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        let response = try await next(request, context)
        timer(for: request.method.rawValue, route: context.endpointPath, status: response.status.code)
            .record(start.duration(to: .now))
        return response
    }

    func timer(for method: String, route: String?, status: Int) -> Metrics.Timer {
        // Hummingbird's name for the route that matches nothing; our routes begin with a slash.
        let route = route.flatMap { $0 == "NotFound" ? nil : $0 } ?? "unmatched"
        let series = Series(method: method, route: route, status: status)
        return timers.withLock { timers in
            if let timer = timers[series] { return timer }
            let known = Self.methods.contains(method)
            let timer = Metric.requestDuration.timer(
                listener, known ? method : "other", route, String(status), in: factory)
            // The client chooses the method, so unknown ones are not cached.
            if known { timers[series] = timer }
            return timer
        }
    }
}

extension Metrics.Timer {
    func record(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
