// SPDX-License-Identifier: Apache-2.0

import Hummingbird

/// What is passed with a request from the middleware to its handler.
package struct ListenerContext: RequestContext {
    package var coreContext: CoreRequestContextStorage

    /// Whose token it is, if the route requires one.
    package var tokenLabel: String?

    /// For answers that take long.
    package let client: ClientConnection

    package init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        client = ClientConnection(source.channel)
    }
}

extension RequestContext {
    /// A `{name}` of the path, percent-decoded.
    /// - Throws: 400 if it does not decode to UTF-8, 404 if the route has no such name.
    package func parameter(_ name: String) throws(ProblemDetails) -> String {
        guard let encoded = parameters.get(name) else { throw .notFound() }
        return try PathParameter.text(name, encoded)
    }
}
