// SPDX-License-Identifier: Apache-2.0

import API
import HTTP
import Stripe

extension PathParameter {
    /// An id in the path of a hot route.
    static func id(_ name: String, _ encoded: String) throws(ProblemDetails) -> String {
        let id = try text(name, encoded)
        guard ID.isValid(id) else {
            throw ProblemDetails(.invalidID, "The {\(name)} of the path must be 1 to 255 letters, digits, _ or -.")
        }
        return id
    }
}
