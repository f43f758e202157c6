import CoreMetrics
import HTTPTypes
import Hummingbird
import Metrics
import Synchronization

/// Measures every request by listener, method, route and status. Each of them is bounded, whatever clients send: the
/// route is the template (`/v1/customers/{customer}/access`), not the path.
final class RequestDurations: RouterMiddleware {
    typealias Context = ListenerContext

    static let label = "tollgate_http_request_duration_seconds"

    private static let methods: Set<HTTPRequest.Method> = [.get, .head, .post, .put, .delete, .patch, .options]

    private struct Series: Hashable {
        let method: HTTPRequest.Method
        let route: String
        let status: Int
    }

    private let listener: String
    private let factory: any MetricsFactory
    /// A timer is looked up in the factory by its rendered labels, which is too slow for each request.
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
        let duration = start.duration(to: .now).components
        timer(for: request.method, route: context.endpointPath, status: response.status.code)
            .recordNanoseconds(duration.seconds * 1_000_000_000 + duration.attoseconds / 1_000_000_000)
        return response
    }

    private func timer(for method: HTTPRequest.Method, route: String?, status: Int) -> Metrics.Timer {
        // Hummingbird's name of the route that matches nothing; routes of ours begin with a slash.
        let route = route.flatMap { $0 == "NotFound" ? nil : $0 } ?? "unmatched"
        let series = Series(method: method, route: route, status: status)
        return timers.withLock { timers in
            if let timer = timers[series] { return timer }
            let known = Self.methods.contains(method)
            let timer = Metrics.Timer(
                label: Self.label,
                dimensions: [
                    ("listener", listener), ("method", known ? method.rawValue : "other"), ("route", route),
                    ("status", String(status)),
                ],
                factory: factory
            )
            // Methods are the client's choice: the unknown ones are not remembered.
            if known { timers[series] = timer }
            return timer
        }
    }
}
