// SPDX-License-Identifier: Apache-2.0

import API

/// What an operator requests: checked, and with the types that the operation declares.
struct AdminCall<Parameters: ObjectContent, Body: ObjectContent>: Sendable {
    let parameters: Object<Parameters>
    let body: Object<Body>
    /// The label of the operator's token, as the timeline shows it.
    let `operator`: String
}
