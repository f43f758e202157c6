// SPDX-License-Identifier: Apache-2.0

import HTTP

extension BearerToken.Kind {
    /// For those who ask what a customer may do.
    package static let gateway = BearerToken.Kind(rawValue: "gateway")
    /// For operators.
    package static let admin = BearerToken.Kind(rawValue: "admin")
}
