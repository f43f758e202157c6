// SPDX-License-Identifier: Apache-2.0

import API
import HTTP
import HTTPTypes
import Hummingbird

extension RouterMethods where Context == ListenerContext {
    /// Registers an operation that anybody may call and that takes nothing.
    /// - Parameter handler: returns the answer and its status, one of the operation's.
    func open<Answer>(
        _ operation: Operation<Nothing, Nothing, Answer>,
        use handler: @escaping @Sendable () async -> (Object<Answer>, HTTPResponse.Status)
    ) {
        open(raw: operation) {
            let (answer, status) = await handler()
            return .document(answer.json, status: status)
        }
    }

    /// The same for an answer in bytes.
    func open(
        raw operation: Operation<Nothing, Nothing, some ObjectContent>,
        use handler: @escaping @Sendable () async -> Response
    ) {
        on(RouterPath(operation.endpoint.path), method: operation.endpoint.httpMethod) { _, _ in await handler() }
    }
}
