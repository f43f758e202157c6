// SPDX-License-Identifier: Apache-2.0

import CoreMetrics
import Hummingbird
import Metrics
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

    private let timers: MetricHandles<Series, Metrics.Timer>

    init(listener: String, factory: any MetricsFactory) {
        timers = MetricHandles { series in
            Metric.requestDuration.timer(listener, series.method, series.route, String(series.status), in: factory)
        }
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
        return timers[Series(method: Self.label(of: method), route: route, status: status)]
    }

    /// The client chooses the method, so unknown ones share a series.
    static func label(of method: String) -> String { methods.contains(method) ? method : "other" }
}

extension Metrics.Timer {
    func record(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
