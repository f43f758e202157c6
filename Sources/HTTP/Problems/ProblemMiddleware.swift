// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import Logging

/// Turns whatever a route throws into problem+json, so that no route has to, and logs what is not the client's fault.
struct ProblemMiddleware: RouterMiddleware {
    typealias Context = ListenerContext

    let paths: KnownPaths

    func handle(
        _ request: Request,
        context: ListenerContext,
        next: (Request, ListenerContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            let response = problem(for: error, request, context).response
            // A HEAD answer has no body: bytes after the head would be read as the next answer.
            return request.method == .head ? response.createHeadResponse() : response
        }
    }

    private func problem(for error: any Error, _ request: Request, _ context: ListenerContext) -> ProblemDetails {
        switch error {
        case let problem as ProblemDetails:
            return problem
        case let error as any HTTPResponseError where error.status == .notFound:
            return unmatched(request, context)
        case let error as HTTPError where error.status.kind == .clientError:
            return ProblemDetails(
                error.status,
                code: "bad_request",
                detail: error.body ?? error.status.reasonPhrase,
                headers: error.headers
            )
        case is CancellationError:
            return .serviceUnavailable(detail: "The server is stopping.", retryAfter: 1)
        default:
            context.logger.error(
                "request failed",
                metadata: [
                    "method": "\(request.method.rawValue)",
                    "route": "\(context.endpointPath ?? "unmatched")",
                    "error": "\(error)",
                ]
            )
            return .internalError
        }
    }

    /// 405 if another method would have matched, else 404.
    private func unmatched(_ request: Request, _ context: ListenerContext) -> ProblemDetails {
        guard let route = paths.match(request.uri.path), !route.methods.contains(request.method) else {
            return .notFound()
        }
        context.coreContext.endpointPath.value = route.template
        return .methodNotAllowed(allow: Array(route.methods))
    }
}
