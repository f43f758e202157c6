// SPDX-License-Identifier: Apache-2.0

import API

/// What an operator asks for: checked, and of the types that the operation declares.
struct AdminCall<Parameters: ObjectContent, Body: ObjectContent>: Sendable {
    let parameters: Object<Parameters>
    let body: Object<Body>
    /// The label of the operator's token, as the timeline shows it.
    let `operator`: String
}
