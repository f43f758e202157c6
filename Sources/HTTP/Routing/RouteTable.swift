// SPDX-License-Identifier: Apache-2.0

import CoreMetrics
import HTTPTypes
import Hummingbird

/// Where the routes of one listener are registered: `routes.get("/healthz") { request, context in … }`,
/// `routes.group("/admin/v1").add(middleware: …)` for those behind a token, and `routes.hot(…)` for those that are
/// answered on the event loop. Every route already gets: durations, problem+json for each error, 404, 405 with `Allow`,
/// and HEAD for each GET.
package final class RouteTable: RouterMethods {
    package typealias Context = ListenerContext

    private let router = Router(context: ListenerContext.self, options: .autoGenerateHeadEndpoints)
    let paths = KnownPaths()
    private let durations: RequestDurations
    private var hot: [any HotRoute] = []

    /// Of a route that answers any.
    private static let usualMethods: [HTTPRequest.Method] = [.get, .put, .post, .patch, .delete, .options, .trace]

    /// - Parameter listener: the name under which its requests are measured.
    package init(listener: String, metrics: any MetricsFactory) {
        durations = RequestDurations(listener: listener, factory: metrics)
        router.addMiddleware {
            durations
            ProblemMiddleware(paths: paths)
        }
    }

    /// Registers a hot route. Hummingbird knows of it only to tell a wrong method from an unknown path.
    package func hot(_ route: some HotRoute) {
        let methods =
            route.answersAnyMethod
            ? Self.usualMethods : [HTTPRequest.Method(rawValue: route.method.rawValue)].compactMap(\.self)
        for method in methods { paths.add(RouterPath(route.path.template), method) }
        hot.append(route)
    }

    @discardableResult
    package func on<Responder: HTTPResponder>(
        _ path: RouterPath,
        method: HTTPRequest.Method,
        responder: Responder
    ) -> Self where Responder.Context == ListenerContext {
        paths.add(path, method)
        router.on(path, method: method, responder: responder)
        return self
    }

    @discardableResult
    package func add(middleware: any MiddlewareProtocol<Request, Response, ListenerContext>) -> Self {
        router.add(middleware: middleware)
        return self
    }

    /// Called once, by the listener, like the next one.
    func hotRoutes() -> HotRoutes {
        HotRoutes(hot, durations: durations)
    }

    func responder() -> RouterResponder<ListenerContext> {
        router.buildResponder()
    }
}
