// SPDX-License-Identifier: Apache-2.0

import API
import HTTP
import HTTPTypes

extension ProblemDetails {
    /// A problem from the contract, with its code's status.
    /// - Parameter detail: for people: what was wrong with this request.
    init(_ code: ProblemCode, _ detail: String) {
        self.init(HTTPResponse.Status(declared: code.status), code: code.rawValue, detail: detail)
    }
}
