// SPDX-License-Identifier: Apache-2.0

import HTTP
import Hummingbird

/// What is passed along with an operator's request. It cannot be created for anybody else, so every action is in
/// somebody's name.
struct AdminContext: ChildRequestContext {
    var coreContext: CoreRequestContextStorage

    /// The label of the operator's token, as the timeline shows it.
    let operatorLabel: String

    /// - Throws: 401 if no token has been checked.
    init(context: ListenerContext) throws {
        guard let label = context.tokenLabel else { throw ProblemDetails.unauthenticated }
        coreContext = context.coreContext
        operatorLabel = label
    }
}
