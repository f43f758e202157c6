// SPDX-License-Identifier: Apache-2.0

import HTTP
import Hummingbird

/// What is passed along with the request of a gateway or an operator. It cannot be created for anybody else, so every
/// action is in somebody's name.
struct CallerContext: ChildRequestContext {
    var coreContext: CoreRequestContextStorage

    /// The label of the token that was shown.
    let label: String

    /// For answers that take long.
    let client: ClientConnection

    /// - Throws: 401 if no token has been checked.
    init(context: ListenerContext) throws {
        guard let label = context.tokenLabel else { throw ProblemDetails.unauthenticated }
        coreContext = context.coreContext
        self.label = label
        client = context.client
    }
}
