// SPDX-License-Identifier: Apache-2.0

import Notation

/// A parameter's value as written in a path, a query or a header.
enum ParameterText {
    static func text(_ value: JSON) -> String {
        value.string ?? String(decoding: value.bytes, as: UTF8.self)
    }
}
