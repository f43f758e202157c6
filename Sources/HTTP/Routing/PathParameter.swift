// SPDX-License-Identifier: Apache-2.0

import Notation

/// A `{name}` of a path, as it was sent.
package enum PathParameter {
    /// - Throws: 400 if it does not decode to UTF-8.
    package static func text(_ name: String, _ encoded: String) throws(ProblemDetails) -> String {
        guard encoded.utf8.contains(UInt8(ascii: "%")) else { return encoded }
        guard let decoded = PercentEncoding.decode(encoded) else {
            throw .badRequest(detail: "The {\(name)} of the path is not percent-encoded UTF-8.")
        }
        return decoded
    }
}
