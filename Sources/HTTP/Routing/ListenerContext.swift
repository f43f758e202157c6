// SPDX-License-Identifier: Apache-2.0

import Hummingbird

/// What travels with a request from the middleware to its handler.
package struct ListenerContext: RequestContext {
    package var coreContext: CoreRequestContextStorage

    /// Whose token this is, where the route asks for one.
    package var tokenLabel: String?

    package init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
    }
}

extension RequestContext {
    /// A `{name}` of the path, percent-decoded.
    /// - Throws: 400 where it does not decode to UTF-8, 404 where the route has no such name.
    package func parameter(_ name: String) throws(ProblemDetails) -> String {
        guard let encoded = parameters.get(name) else { throw .notFound() }
        return try PathParameter.text(name, encoded)
    }
}
