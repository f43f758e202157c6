// SPDX-License-Identifier: Apache-2.0

import Notation

/// A whole number in a path or a query: written as in JSON, so that `+5` and `05` are refused.
enum IntegerText {
    static func parse(_ text: String) -> JSON {
        guard let number = Int64(text), number.description == text else { return .string(text) }
        return .integer(number)
    }
}
