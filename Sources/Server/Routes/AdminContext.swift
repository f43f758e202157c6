// SPDX-License-Identifier: Apache-2.0

import HTTP
import Hummingbird

/// What travels with a request of an operator. It cannot be made for anybody else: what is done is always in somebody's
/// name.
struct AdminContext: ChildRequestContext {
    var coreContext: CoreRequestContextStorage

    /// The label of the operator's token, as the timeline shows it.
    let operatorLabel: String

    /// - Throws: 401 where no token has been checked.
    init(context: ListenerContext) throws {
        guard let label = context.tokenLabel else { throw ProblemDetails.unauthenticated }
        coreContext = context.coreContext
        operatorLabel = label
    }
}
