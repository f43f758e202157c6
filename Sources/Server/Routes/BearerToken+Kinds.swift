// SPDX-License-Identifier: Apache-2.0

import HTTP

extension BearerToken.Kind {
    /// Of those who ask what a customer may.
    package static let gateway = BearerToken.Kind(rawValue: "gateway")
    /// Of operators.
    package static let admin = BearerToken.Kind(rawValue: "admin")
}
