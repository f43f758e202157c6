// SPDX-License-Identifier: Apache-2.0

import API
import HTTP

/// What a gateway or an operator requests: checked, and with the types that the operation declares.
struct OperationCall<Parameters: ObjectContent, Body: ObjectContent>: Sendable {
    let parameters: Object<Parameters>
    let body: Object<Body>
    /// The label of the token that was shown; the timeline shows an operator's.
    let caller: String
    /// Which forms of an answer the client takes, for operations that have several.
    let accept: String?
    /// For answers that take long.
    let client: ClientConnection
}
